#!/usr/bin/env python3
"""Writes the inputs that fuzzing begins with: seeds.py CORPUS_DIRECTORY [TARGET...]

What fuzzing found stands beside them in the corpus; `scripts/fuzz --merge` makes the whole small again.
"""

import hashlib
import pathlib
import sys
import zlib

EPISODE = (b'{"text":"All of it \xc3\xa9 \\"quoted\\" \\n","id":{"hex":"ff7b"},"ns":"team","kind":"episode","agent":"a1",'
           b'"speaker":"Ann","session":7,"turn":-7,"tags":["a","","b:c"],"importance":0.25,'
           b'"ts":"2024-02-29T12:34:56.789+02:00","created_at":1700000001001,"expires_at":1800000000007,'
           b'"extra":{"body":"x","n":[1,2.5,null]},"task_prompt":"p","outcome":"o","summary":"s","success":false,'
           b'"duration_ms":1234,"tools_used":["search"],"steps":[{"id":"s1","action":"search","observation":"none",'
           b'"reasoning":"why","success":false,"ts":"2024-01-01"},{"action":"read"}],'
           b'"counters":{"accesses":3,"last_access_ms":1700000002002},"other":[{"deep":[[1e300,-0.0,true]]}]}')
FACT = (b'{"type":"semantic","kind":"document","text":"First. Second.","pattern":"First.","context":"c",'
        b'"confidence":0.875,"source_episodes":["e1",{"hex":"65ff"}],"ttl_ms":60000,'
        b'"counters":{"validations":5,"invalidations":2}}')
SKILL = (b'{"kind":"skill","text":"deploy: build and copy","name":"deploy: {x}","description":"d",'
         b'"actions":[{"action":"build","params":{"jobs":2}},{"action":"copy"},{"action":"list","params":[1,"a"]}],'
         b'"preconditions":["b"],"postconditions":["a"],"error_handling":"roll back",'
         b'"counters":{"executions":9,"successes":8,"duration_ms":12345}}')
STEP = b'{"id":"s1","action":"search","observation":"none","reasoning":"why","success":true,"ts":"2024-05-31 08:30Z"}'
SESSION = b'{"id":"b","agent":{"hex":"00ff"},"previous":"a","created_at":"2024-05-31T08:30:00Z"}'


def bulk(*words):
    out = b"*%d\r\n" % len(words)
    for word in words:
        out += word if word[:1] in b"*:%~" else b"$%d\r\n%s\r\n" % (len(word), word)
    return out


def embedding():
    openai = b'{"object":"list","data":[{"object":"embedding","index":1,"embedding":[3,4e-3]},' \
             b'{"index":0,"embedding":[-1,2.5]}],"model":"m","usage":{"prompt_tokens":5}}'
    ollama = b'{"model":"m","embeddings":[[0.1,-0.2],[1e38,0]],"total_duration":1}'
    yield b"\x00\x02" + openai
    yield b"\x01\x02" + ollama
    yield b"\x00\x01" + openai  # one too many
    yield b"\x01\x03" + ollama  # one too few
    yield b"\x00\x01" + b'{"data":[{"embedding":[1,2,3]}]}'
    yield b"\x00\x02" + openai.replace(b'"index":1', b'"index":0')
    yield b"\x00\x02" + openai.replace(b'"index":1', b'"index":-1')
    yield b"\x00\x02" + openai.replace(b"4e-3", b"4e300")
    yield b"\x01\x02" + ollama.replace(b"-0.2]", b"-0.2,7]")
    yield b"\x01\x01" + b'{"embeddings":[[]]}'
    yield b"\x01\x01" + b'{"embeddings":[[null]]}'
    yield b"\x01\x01" + b'{"embeddings":[["NaN"]]}'
    yield b"\x01\x01" + b'{"embeddings":' + b"[" * 500
    yield b"\x01\x01" + b'{"embeddings":[[' + b"1," * 1800 + b"1]]}"
    yield b"\x00\x01" + b'{"error":{"message":"no such model"}}'
    yield b'q"quoted" \xff\xc3\xa9\x00 text'
    for status, after in ((200, b""), (429, b"2"), (429, b"99999999999"), (503, b"Wed, 21 Oct 2026 07:28:00 GMT"), (0, b"")):
        yield b"r" + status.to_bytes(2, "big") + b"\x01" + after
    for url in (b"", b"http://localhost:11434", b"https://api.example.com/v1?key=k", b"http://[::1]:1/api/embed",
                b"https://user:word@host/", b"http://h:0", b"http://h/#f", b"ftp://h"):
        yield b"u" + url


def envelope():
    yield b""
    yield b"\x00{}"
    yield b"\x02{}"
    for level in (0, 1, 9):
        yield b"\x01" + zlib.compress(EPISODE, level)
    yield b"\x01" + zlib.compress(b"")
    yield b"\x01" + zlib.compress(b" " * 100_000, 9)
    yield b"\x01" + zlib.compress(b" " * ((8 << 20) - 1), 9)
    yield b"\x01" + zlib.compress(b" " * ((8 << 20) + 1), 9)  # a bomb
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield b"\x01" + raw.compress(EPISODE) + raw.flush()  # no header
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, b"text")
    yield b"\x01" + coder.compress(EPISODE) + coder.flush()  # wants a dictionary
    yield bytes((0, 9, 1)) + EPISODE
    yield bytes((0, 200, 128)) + FACT * 3


def record_json():
    for kind, text in ((0, STEP), (1, EPISODE), (2, FACT), (3, SKILL), (4, SESSION)):
        yield bytes((kind,)) + b"j" + text
    yield b"\x01r\x00" + EPISODE
    yield b"\x01r\x01" + zlib.compress(EPISODE)
    yield b"\x01j" + b'{"text":"x","extra":' + b'{"a":' * 56 + b"1" + b"}" * 56 + b"}"
    yield b"\x01j" + b"[" * 65 + b"]" * 65
    yield b'\x01j{"text":"\\ud800"}'
    yield b'\x01j{"text":"a\\u0000b"}'
    yield b'\x01j{"text":"x","tags":[' + b'"t",' * 1024 + b'"t"]}'
    yield b'\x01j{"text":"x","n":1e999}'
    yield b'\x02j{"text":"a","text":"b","kind":null,"importance":-0.0,"turn":9223372036854775808}'


def import_line():
    for bound, piece in ((0, 0), (0, 7), (40, 1), (200, 33)):
        yield bytes((bound, piece)) + EPISODE + b"\n" + FACT + b"\r\n\n" + SKILL
    yield bytes((8, 3)) + b"short\na line that is too long\r\n\r\nlast"
    yield bytes((8, 5)) + b"a last line that is too long"
    yield bytes((8, 4)) + b"12345678\n12345678\r\n1234567\r\n"
    yield bytes((0, 0)) + b"# One\ntext\n```\n# code\n```\n## Two ##\nmore \xff \x00\n### \n#no\n####### seven\n"
    yield bytes((0, 9)) + b'\xef\xbb\xbf{"text":"with a mark"}\n{"text":" \\u0000"}\n{"text":"t","created_at":5}'


def resp():
    replies = [
        b"+OK\r\n-ERR no\r\n:42\r\n:-1\r\n$3\r\nabc\r\n$-1\r\n*-1\r\n*0\r\n_\r\n#t\r\n#f\r\n,1.5\r\n,inf\r\n,nan\r\n",
        b"(123456789012345678901234567890\r\n!5\r\nERR x\r\n=7\r\ntxt:abc\r\n",
        b"%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n~1\r\n+x\r\n",
        b"|1\r\n+ttl\r\n:5\r\n>3\r\n+message\r\n+channel\r\n$4\r\ndata\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        b"*2\r\n*15\r\n" + b":1\r\n" * 15 + b"*15\r\n" + b":1\r\n" * 15,
        b"*3\r\n" + b"$40\r\n" + b"a" * 40 + b"\r\n" + b"$40\r\n" + b"b" * 40 + b"\r\n+" + b"c" * 20 + b"\r\n",
        b"*1\r\n>1\r\n:1\r\n",
        b"*?\r\n",
        b"$5\r\nabc\r\n",
        b"$999999999\r\n",
        b":12a\r\n",
        b"+line\n",
        b"PING\r\n",
    ]
    for i, reply in enumerate(replies):
        yield bytes((0, i % 9)) + reply
        yield bytes((1, i % 9)) + reply
    yield b"\x00\x05" + b"".join(replies[:4])
    yield b"\x00\x00\x03SET\x01k\x02\r\n\x00"


def wire():
    meta = (b"1700000000000 3 0 1800000000000 1700000000000 0.4375 3 2 6 sdef=9007199254740991;xabc=7 "
            b"abca1deploy")
    dead = meta.replace(b" 3 0 18", b" 3 1 18")
    head = b"p5f0c\n9\n7\n1\n2\n"
    yield head + b"episodic:a:b|\x00{}|" + meta
    yield head + b"skill:a|\x00{}|" + meta + b"\nworking:b|\x01x|" + meta + b"\nforeign|x|y"
    yield head + b"session:a||" + dead
    yield head + b"session:a|value|" + dead + b"\nsession:b||" + meta
    for score in (b"inf", b"nan", b"-0.0", b"1e-320"):
        yield head + b"semantic:a|v|" + meta.replace(b"0.4375", score)
    yield b"p5f0c\n9\n7\n0\n-1\n"
    yield b"p5f0c\n9\n9007199254740992\n0\n0\n"
    for word in (b"applied", b"merged", b"superseded", b"OK"):
        yield b"a" + word + b"\x005f0c\x007"
    for code in (b"NOSCRIPT", b"READONLY", b"OOM", b"NOAUTH", b"WRONGPASS", b"LOADING", b"MASTERDOWN", b"NOPERM",
                 b"BUSY", b"MISCONF", b"WRONGTYPE", b"CLUSTERDOWN", b"MOVED", b"ERR"):
        yield b"a-" + code + b" some text"
    info = b"# Server\r\nredis_version:7.0.15\r\nrun_id:9f3a\r\n"
    history = b"\x00# Replication\r\nrole:master\r\nmaster_replid:77aa\r\n"
    yield b"a%server=redis=version=7.0.15\x00OK\x00" + info + history + b"\x00PONG"
    yield b"a-ERR unknown command\x00OK\x00OK\x00OK\x00" + info + b"valkey_version:8.0.1\r\n" + history + b"\x00PONG"
    yield b"a-NOPROTO\x00-WRONGPASS"
    yield (b"a# M\r\nmaxmemory:1\r\nmaxmemory_policy:allkeys-lru\r\n\x00# P\r\nloading:0\r\naof_enabled:1\r\n"
           b"rdb_last_bgsave_status:err\r\n\x00# R\r\nrole:slave\r\n\x00-NOPERM\x00-NOPERM")
    yield b"h5f0c 7 episodic:a"
    yield b"h5f0c 9007199254740991"
    text = b"5 0 0 0 5 0.5 3 1 0 xabc=7 abca"
    yield b"h5f0c 8 10 %d 3 episodic:a" % len(text) + text + b"\x00{} 7 %d 3 skill:b" % len(text) + text + b"\x00[]"
    entries = b"*1\r\n" + bulk(b"episodic:a", b"5 0 0 0 5 0.5 3 1 0 xabc=7 abca", b"\x00{}")
    yield b"r" + bulk(b"nonce", b"5f0c", b"9", b"7", b":0\r\n", b":0\r\n", entries)
    yield b"r" + bulk(b"nonce", b"applied", b"5f0c", b"7") + b"-NOSCRIPT x\r\n+PONG\r\n"


def pages():
    head = b"5f0c\n9\n7\n1\n"
    yield b"d" + head + b"episodic:0|3|281474976710655\nskill:255|1|0\n"
    yield b"d" + head + b"episodic:256|3|5"
    yield b"d" + head + b"episodic:1|0|5"
    yield b"d" + head + b"episodic:1|1|281474976710656"
    yield b"d" + head + b"episodic:1|1|5\nepisodic:1|2|281474976710655"
    yield b"h" + head + b"episodic:a:b|1700000000000|3|abc|281474976710655\nskill:x|1|4294967295|s|0"
    yield b"h" + head + b"episodic:|1|0|abc|5"
    yield b"h" + head + b"episodic:a|1|4294967296|abc|5"
    yield b"h5f0c\n9\n9007199254740992\n0\n"
    meta = b"5 0 0 0 5 0.5 3 1 0 xabc=7 abca"
    yield b"f2\nepisodic:a|v|" + meta + b"\nforeign|x"
    yield b"f0\n"
    yield b"f4\nskill:a|v|" + meta
    yield (b"i# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"
           b"slave0:ip=127.0.0.1,port=6380,state=online,offset=1000,lag=0\r\n"
           b"slave1:ip=127.0.0.1,port=6381,state=wait_bgsave,offset=0,lag=0\r\nmaster_repl_offset:1000\r\n")
    yield b"islave0:state=online,offset=9007199254740992\r\nslave1:offset=,state=online\r\nmaster_repl_offset:x\r\n"
    sums = b"*1\r\n" + bulk(b"semantic:7", b":2\r\n", b":99\r\n")
    yield b"r" + bulk(b"nonce", b"5f0c", b"9", b"7", b":0\r\n", sums)


def keys():
    def record(kind, *parts):
        return bytes((kind,)) + b"".join(bytes((len(part),)) + part for part in parts)

    for kind in range(5):
        yield record(kind, b"default", b"id", b"agent") + record(kind, b"default", b"id", b"agent")
    yield record(0, b"a:b{c}%", b"\x00\x1f\x7f\xff", b"%7B") + record(0, b"a:b{c}%", b"{", b"{")
    yield record(1, b"}", b"a:index:all", b"a:episodes") + record(4, b"}", b"a:episodes", b"")
    yield record(3, b"n", b"%25", b"%") + record(3, b"n", b"%", b"%25")
    yield record(2, b"", b"", b"") + record(1, b"", b"", b"")


def formats():
    yield b"cxabc=1;sabc=9007199254740991;lx=5|xabc=2;vdef=3"
    yield b"cxabc=1;;"
    yield b"cxabc=-1|"
    for url in (b"redis://localhost", b"redis://u:p%40%2f@host:6380/3", b"rediss://:pw@[::1]:1/0", b"redis://[fe80::1%25eth0]/",
                b"unix:///tmp/redis.sock?db=2", b"unix://u:p@/a%20b", b"REDIS://h", b"redis://h:0", b"redis://a:b:c",
                b"redis://h/x", b"http://h", b"redis://[::1", b"redis://h?db=1", b"redis://@h", b"redis://u:@h",
                b"redis://[fe80::1%e\n]", b"unix:///a%0a"):
        yield b"u" + url
    for host in (b"localhost", b"10.0.0.1", b"::1", b"fe80::1%eth0", b"h:1", b"a<b", b"g::1", b"fe80::%a\"b", b"\xc3\xa9"):
        yield b"h" + host
    for time in (b"2024-02-29", b"2024-02-29T12:34:56Z", b"2024-02-29 12:34:56.123456789+02:00", b"0001-01-01T00:00:00+01",
                 b"9999-12-31T23:59:59.999Z", b"2023-02-29", b"2024-05-31t08:30,5-0330", b"2024-1-1"):
        yield b"t" + time
    for number in (0, 1_700_000_000_123, -1, -(1 << 63), (1 << 63) - 1, 253_402_300_800_000):
        yield b"n" + number.to_bytes(8, "little", signed=True)
    yield b"x\x10plain text"
    yield b"x\x08caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"
    yield b"x\xff\x00\x07\x7f\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"


def query():
    yield b"where did she go\x00She went to Anna's house, we've gone and don't know o'clock."
    yield "caf\u00e9 \u0130stanbul stra\u00dfe\0Cafe istanbul STRASSE \ufb01 \u01c6".encode()
    yield "\u6771\u4eac\0\u6771\u4eac\u90fd \u304b\u306a \ud55c\uad6d \u0e44\u0e17\u0e22".encode()
    yield "the of and\0the words of nothing but stop words".encode()
    yield b"\xff\xfe\xc3(\x00\xf0\x9f\x98\x80 a\xcc\x81b \xe2\x80\x99s x\xe2\x80\x8dy"
    yield "\u0645\u0631\u062d\u0628\u0627 \u043f\u0440\u0438\u0432\u0435\u0442 \u0393\u03b5\u03b9\u03ac\u03c2\0\u03b3\u03b5\u03b9\u03b1\u03c3 \u041f\u0420\u0418\u0412\u0415\u0422".encode()
    yield b"relational conditional vietnamization hopefulness electricity\x00rational conditions mice mouse running runs"
    yield b"a" * 70 + b" 0123456789abcdef\x00" + b"a" * 80 + b" <b>a</b>"
    for broken in (b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xc1\xbf", b"\xe2\x82"):
        yield b"a" + broken + b"\x00b " + broken
    yield b"a" * 63 + "\u00df".encode() + b"\x00" + b"b" * 63 + "\ufb03".encode()
    yield b"twice twice Twice\x00twice"
    yield b"\x00"
    yield b"bo\x00x"


TARGETS = (embedding, envelope, formats, import_line, keys, pages, query, record_json, resp, wire)


def main(directory, *names):
    for target in TARGETS:
        if names and target.__name__ not in names:
            continue
        folder = pathlib.Path(directory) / target.__name__
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("seed-*"):
            old.unlink()
        for seed in target():  # named by content, so that a new one leaves the others alone
            (folder / f"seed-{hashlib.sha1(seed).hexdigest()[:8]}").write_bytes(seed)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
