"""The usual way to give agents a shared memory, as a yardstick: redis-py's asyncio client, pickle, sorted sets.

Values are pickled behind a flag byte and compressed above a threshold. A save commits to SQLite, the adapter's durable
truth, in a thread; then one pipeline sets the value with its time to live, enters it in the timeline and in the index, and
one PUBLISH tells the others. A search fetches every id of the timeline and all their values, and ranks them by the words that
they share with the query. Where the way is not given, the faster one is taken: hiredis parses replies, pipelines are no
transactions, statements are reused, the SQLite connection is kept.
"""

import asyncio
import concurrent.futures
import dataclasses
import pickle
import re
import sqlite3
import time
import uuid
import zlib

import redis.asyncio

EPISODIC_TTL = 30 * 86400
SKILL_TTL = 180 * 86400
PLAIN, COMPRESSED = b"\0", b"\1"
COMPRESSION_THRESHOLD = 1024
POOL_SIZE = 50
WORD = re.compile(r"\w+")


@dataclasses.dataclass
class Episode:
    prompt: str
    content: str
    success: bool
    id: str = ""
    agent: str = "bench"
    session: str = ""
    created_at: float = 0.0
    importance: float = 0.5
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Skill:
    name: str
    description: str
    id: str = ""
    created_at: float = 0.0
    success_rate: float = 0.5
    executions: int = 0
    actions: list = dataclasses.field(default_factory=list)


def dump(value):
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    if len(data) > COMPRESSION_THRESHOLD:
        packed = zlib.compress(data)
        if len(packed) < len(data):
            return COMPRESSED + packed
    return PLAIN + data


def load(data):
    return pickle.loads(zlib.decompress(data[1:]) if data[:1] == COMPRESSED else data[1:])


class UsualAdapter:
    """One agent's memory. All calls belong to one event loop."""

    def __init__(self, url, database, namespace):
        self.namespace = namespace
        self.redis = redis.asyncio.Redis(
            connection_pool=redis.asyncio.BlockingConnectionPool.from_url(url, max_connections=POOL_SIZE))
        # One connection, one thread: SQLite has one writer at a time anyway.
        self.thread = concurrent.futures.ThreadPoolExecutor(1)
        self.database = sqlite3.connect(database, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute("CREATE TABLE IF NOT EXISTS memories (id TEXT PRIMARY KEY, type TEXT, created_at REAL, "
                              "value BLOB)")

    async def close(self):
        await self.redis.close()
        await self.redis.connection_pool.disconnect()
        self.thread.shutdown()
        self.database.close()

    def key(self, *parts):
        return ":".join((self.namespace, *parts))

    def _commit(self, rows):
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?)", rows)

    async def _store(self, kind, memory, ttl):
        memory.id = memory.id or uuid.uuid4().hex
        memory.created_at = time.time()
        data = dump(memory)
        row = (memory.id, kind, memory.created_at, data)
        await asyncio.get_running_loop().run_in_executor(self.thread, self._commit, (row,))
        pipeline = self.redis.pipeline(transaction=False)
        self._enter(pipeline, kind, memory, data, ttl)
        await pipeline.execute()
        await self.redis.publish("agent:memory:" + kind, memory.id)
        return memory.id

    def _enter(self, pipeline, kind, memory, data, ttl):
        pipeline.setex(self.key("memory", kind, memory.id), ttl, data)
        pipeline.zadd(self.key("memory", kind, "index:all"), {memory.id: memory.created_at})
        pipeline.sadd(self.key("memory", kind, "agent", "bench"), memory.id)

    async def save_episode(self, episode):
        return await self._store("episodic", episode, EPISODIC_TTL)

    async def save_skill(self, skill):
        id = await self._store("skill", skill, SKILL_TTL)
        await self.redis.setex(self.key("skill:name", skill.name), SKILL_TTL, id)
        return id

    async def preload(self, episodes):
        """Many at once, so that preparing a measurement takes no minutes; no adapter has this."""
        rows = []
        pipeline = self.redis.pipeline(transaction=False)
        for episode in episodes:
            episode.id = uuid.uuid4().hex
            episode.created_at = time.time()
            data = dump(episode)
            rows.append((episode.id, "episodic", episode.created_at, data))
            self._enter(pipeline, "episodic", episode, data, EPISODIC_TTL)
        self._commit(rows)
        await pipeline.execute()
        return [episode.id for episode in episodes]

    async def get_episode(self, id):
        data = await self.redis.get(self.key("memory:episodic", id))
        return load(data) if data is not None else None

    async def get_skill(self, name):
        id = await self.redis.get(self.key("skill:name", name))
        if id is None:
            return None
        data = await self.redis.get(self.key("memory:skill", id.decode()))
        return load(data) if data is not None else None

    async def get_many(self, ids):
        pipeline = self.redis.pipeline(transaction=False)
        for id in ids:
            pipeline.get(self.key("memory:episodic", id))
        return [load(data) if data is not None else None for data in await pipeline.execute()]

    async def search_episodes(self, query, limit=10):
        ids = await self.redis.zrevrange(self.key("memory:episodic:index:all"), 0, -1)
        if not ids:
            return []
        prefix = self.key("memory:episodic:").encode()
        values = await self.redis.mget([prefix + id for id in ids])
        wanted = set(WORD.findall(query.lower()))
        ranked = []
        for data in values:
            if data is None:
                continue
            episode = load(data)
            words = set(WORD.findall(episode.prompt.lower())) | set(WORD.findall(episode.content.lower()))
            shared = len(wanted & words)
            if shared:
                ranked.append((shared / len(wanted), episode))
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        return ranked[:limit]

    async def changes(self):
        """The episodes that others save, as they are told of."""
        subscription = self.redis.pubsub(ignore_subscribe_messages=True)
        await subscription.subscribe("agent:memory:episodic")
        async for message in subscription.listen():
            yield await self.get_episode(message["data"].decode())
