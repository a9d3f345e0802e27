#include "adapters/redis/scripts.hpp"

#include <fmt/format.h>

#include "core/sha1.hpp"

namespace comem::redis {
namespace {

// Numbers reach 2^53 - 1 and stay decimal strings wherever they are stored: Lua prints doubles with 14
// digits. Strings are compared by byte, since Lua's own comparison follows the server's locale.
constexpr std::string_view common = R"lua(
local prefix = ARGV[1]
local function number(n) return string.format('%.0f', n) end
local function escape(part)
  return (string.gsub(part, '[%c%%{}:]', function(c) return string.format('%%%02X', string.byte(c)) end))
end
local function value_key(kind, id, lookup)
  if kind == 'working' then return prefix .. 'agent:' .. escape(lookup) .. ':working:' .. escape(id) end
  if kind == 'session' then return prefix .. 'session:' .. escape(id) end
  return prefix .. 'memory:' .. kind .. ':' .. escape(id)
end
local function meta_key(kind, id) return prefix .. 'meta:' .. kind .. ':' .. escape(id) end
local function split(member)
  local colon = string.find(member, ':', 1, true)
  if not colon then return nil end
  return string.sub(member, 1, colon - 1), string.sub(member, colon + 1)
end
-- HINCRBY would stop at anything else in the middle of a write.
-- The number of decimal digits that stay exact; nil for anything else ('nan' and 'inf' are numbers to Lua).
local function exact(text)
  return text and #text <= 16 and string.find(text, '^%d+$') and tonumber(text) or nil
end
local function is_sequence(text) return text and #text <= 15 and string.find(text, '^%d+$') ~= nil end
local function new_epoch(state, log, epoch)
  -- What is left of an older log keeps its numbers, so that they never repeat within the new epoch.
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  local seq = last[2] and number(tonumber(last[2])) or '0'
  redis.call('HSET', state, 'epoch', epoch, 'seq', seq, 'members', redis.call('ZCARD', log))
  return epoch, seq
end
-- Members that the log should have: fewer mean that it was evicted or cut.
local function count_members(state, more) redis.pcall('HINCRBY', state, 'members', more) end
-- Members whose record is gone before its time, and that all stores were asked for.
local wanted = prefix .. 'wanted'
)lua";

constexpr std::string_view apply_text = R"lua(
local value, meta, index, log, expiry, state, lookup_set = unpack(KEYS)
local kind, id, ms, counter, store = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local deleted, expires_at, lookup = ARGV[7] == '1', tonumber(ARGV[8]), ARGV[11]
local now = tonumber(ARGV[14])
local member = kind .. ':' .. id

-- Nothing is written before every key is known to be ours: a script is not rolled back.
local function foreign(key, wanted)
  local found = redis.call('TYPE', key).ok
  return found ~= 'none' and found ~= wanted
end
local lookup_type = kind == 'skill' and 'string' or 'zset'
if foreign(value, 'string') or foreign(meta, 'hash') or foreign(index, 'zset') or foreign(log, 'zset') or
   foreign(expiry, 'zset') or foreign(state, 'hash') or (lookup_set and foreign(lookup_set, lookup_type)) then
  return redis.error_reply('WRONGTYPE a key of this record holds a foreign value')
end

local function lookup_key(of_kind, text)
  if text == '' then return nil end
  if of_kind == 'episodic' then return prefix .. 'session:' .. escape(text) .. ':episodes' end
  if of_kind == 'skill' then return prefix .. 'skill:name:' .. escape(text) end
end
local function forget_lookup(of_kind, of_id, text)
  local key = lookup_key(of_kind, text)
  if not key then return end
  if of_kind == 'skill' then
    if redis.pcall('GET', key) == of_id then redis.call('DEL', key) end
  else
    redis.pcall('ZREM', key, of_id)
  end
end

local function sweep()
  local time = redis.call('TIME')
  local until_ms = math.min(now, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)) - @GRACE@
  local dead = redis.call('ZRANGEBYSCORE', expiry, '-inf', number(until_ms), 'LIMIT', 0, 16)
  for _, entry in ipairs(dead) do
    local dead_kind, dead_id = split(entry)
    if dead_kind and entry ~= member then
      local dead_meta = meta_key(dead_kind, dead_id)
      local text = redis.pcall('HGET', dead_meta, 'lookup')
      if type(text) ~= 'string' then text = '' end
      forget_lookup(dead_kind, dead_id, text)
      redis.pcall('ZREM', prefix .. 'memory:' .. dead_kind .. ':index:all', dead_id)
      redis.call('DEL', dead_meta, value_key(dead_kind, dead_id, text))
    end
    if entry ~= member then
      if redis.call('ZREM', log, entry) == 1 then count_members(state, -1) end
      redis.call('ZREM', expiry, entry)
      redis.pcall('ZREM', wanted, entry)
    end
  end
end

local function bytes_less(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
-- 1 when the record at hand is newer than the one held, 0 when it is the same, -1 when it is older.
local function compare(held)
  local held_ms, held_counter = exact(held[1]), exact(held[2])
  -- Nobody reads a version beyond this (wire.cpp), so it must not stand in the way either.
  if not held_ms or held_ms > @MAX_MS@ or not held_counter or not held[3] then return 1 end
  local mine_ms, mine_counter = tonumber(ms), tonumber(counter)
  if mine_ms ~= held_ms then return mine_ms > held_ms and 1 or -1 end
  if mine_counter ~= held_counter then return mine_counter > held_counter and 1 or -1 end
  if store == held[3] then return 0 end
  return bytes_less(held[3], store) and 1 or -1
end

local held = redis.call('HMGET', meta, 'ms', 'counter', 'store', 'deleted', 'lookup')
local order = compare(held)
-- The same version again restores what was evicted.
if order == 0 then
  local lost = not redis.call('ZSCORE', log, member)
  if not deleted and redis.call('EXISTS', value) == 0 then lost = true end
  if lost then order = 1 end
end

local grown = {}
if #ARGV > 16 then
  local names = {}
  for i = 17, #ARGV, 2 do names[#names + 1] = 'c:' .. ARGV[i] end
  for first = 1, #names, 100 do
    local last = math.min(first + 99, #names)
    local shares = redis.call('HMGET', meta, unpack(names, first, last))
    for i = first, last do
      local share = exact(shares[i - first + 1])
      if not share or tonumber(ARGV[16 + 2 * i]) > share then
        grown[#grown + 1] = names[i]
        grown[#grown + 1] = ARGV[16 + 2 * i]
      end
    end
  end
end

local current = redis.call('HMGET', state, 'epoch', 'seq')
local epoch = current[1]
if not epoch or not is_sequence(current[2]) then epoch, current[2] = new_epoch(state, log, ARGV[15]) end
sweep()
if order ~= 1 and #grown == 0 then return {ARGV[16], 'superseded', epoch, current[2]} end

if order == 1 then
  local ttl = expires_at > 0 and math.max(expires_at - now, 0) + @GRACE@ or nil
  local old_lookup = held[5] or ''
  if old_lookup ~= '' and (deleted or old_lookup ~= lookup) then
    forget_lookup(kind, id, old_lookup)
    if kind == 'working' then redis.call('DEL', value_key(kind, id, old_lookup)) end
  end
  redis.call('HSET', meta, 'ms', ms, 'counter', counter, 'store', store, 'deleted', ARGV[7], 'expires_at', ARGV[8],
             'created_at', ARGV[9], 'writer', ARGV[10], 'lookup', lookup, 'score', ARGV[12])
  if ttl then
    redis.call('PEXPIRE', meta, number(ttl + @META_GRACE@))
    redis.call('ZADD', expiry, number(math.max(expires_at, now)), member)
  else
    redis.call('PERSIST', meta)
    redis.call('ZREM', expiry, member)
  end
  if deleted then
    redis.call('DEL', value)
    redis.call('ZREM', index, id)
    forget_lookup(kind, id, lookup)
  else
    if ttl then redis.call('SET', value, ARGV[13], 'PX', number(ttl)) else redis.call('SET', value, ARGV[13]) end
    redis.call('ZADD', index, ARGV[12], id)
    if lookup_set and kind == 'skill' then
      if ttl then redis.call('SET', lookup_set, id, 'PX', number(ttl)) else redis.call('SET', lookup_set, id) end
    elseif lookup_set then
      -- The set lives as long as the longest of its members.
      local left = redis.call('PTTL', lookup_set)
      redis.call('ZADD', lookup_set, ARGV[9], id)
      if not ttl then
        redis.call('PERSIST', lookup_set)
      elseif left == -2 or (left >= 0 and left < ttl) then
        redis.call('PEXPIRE', lookup_set, number(ttl))
      end
    end
  end
end
for first = 1, #grown, 100 do
  redis.call('HSET', meta, unpack(grown, first, math.min(first + 99, #grown)))
end
local seq = number(redis.call('HINCRBY', state, 'seq', 1))
if redis.call('ZADD', log, seq, member) == 1 then count_members(state, 1) end
if order == 1 then redis.pcall('ZREM', wanted, member) end
redis.call('PUBLISH', prefix .. 'agent:memory:' .. kind, epoch .. ' ' .. seq .. ' ' .. member)
return {ARGV[16], order == 1 and 'applied' or 'counters', epoch, seq}
)lua";

constexpr std::string_view pull_text = R"lua(
local state, log = KEYS[1], KEYS[2]
local limit, max_bytes, max_value = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7])
local current = redis.call('HMGET', state, 'epoch', 'seq', 'members')
local epoch, last = current[1], current[2]
local is_cut = redis.call('ZCARD', log) < (exact(current[3]) or 0)
if not epoch or not is_sequence(last) or is_cut then epoch, last = new_epoch(state, log, ARGV[6]) end
local after = ARGV[2] == epoch and ARGV[3] or '0'

local function failed(reply) return type(reply) == 'table' and reply.err ~= nil end
local kinds = {working = true, episodic = true, semantic = true, skill = true, session = true}
local function expired(member)
  local at = tonumber(redis.pcall('ZSCORE', prefix .. 'expiry', member))
  local time = redis.call('TIME')
  return at and at <= tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
-- Evicted: whoever holds it shall share it again. The first to miss it gives the member a new number, so that stores
-- that have come further hear of it too. (Out of memory, that waits.)
local function gone(member, kind)
  if expired(member) then return nil, 0 end
  if redis.pcall('ZADD', wanted, 'NX', 0, member) == 1 then
    local seq = number(redis.call('HINCRBY', state, 'seq', 1))
    redis.call('ZADD', log, seq, member)
    redis.call('PUBLISH', prefix .. 'agent:memory:' .. kind, epoch .. ' ' .. seq .. ' ' .. member)
  end
  return {member, {}, ''}, #member
end
-- A record as {member, meta, value}, without meta when it is gone, or nil when it is not one of ours (or expired);
-- and its size.
local function fetch(member)
  local kind, id = split(member)
  if not kinds[kind] or #id == 0 then return nil, 0 end
  local meta = meta_key(kind, id)
  local fields = redis.pcall('HLEN', meta)
  if failed(fields) or fields > 4096 then return nil, 0 end
  if fields == 0 then return gone(member, kind) end
  local head = redis.call('HMGET', meta, 'deleted', 'lookup')
  if not head[1] then return nil, 0 end
  local value = ''
  if head[1] ~= '1' then
    local key = value_key(kind, id, head[2] or '')
    local size = redis.pcall('STRLEN', key)
    if failed(size) or size > max_value then return nil, 0 end
    if size == 0 then return gone(member, kind) end
    value = redis.call('GET', key)
  end
  local all = redis.call('HGETALL', meta)
  local size = #member + #value
  for _, text in ipairs(all) do size = size + #text end
  if size > max_value + 1048576 then return nil, 0 end
  return {member, all, value}, size
end

local members = redis.call('ZRANGEBYSCORE', log, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
local entries, skipped, bytes, reached, more = {}, 0, 0, last, 0
for i = 1, #members, 2 do
  if #entries + skipped >= limit then more = 1 break end
  local entry, size = fetch(members[i])
  if entry and #entries > 0 and bytes + size > max_bytes then more = 1 break end
  if entry then
    entries[#entries + 1] = entry
    bytes = bytes + size
  else
    skipped = skipped + 1
  end
  reached = number(tonumber(members[i + 1]))
end
if more == 0 then reached = last end
return {ARGV[8], epoch, last, reached, more, skipped, entries}
)lua";

std::string with_constants(std::string_view text) {
  std::string out = std::string(common) + std::string(text);
  const auto replace = [&out](std::string_view name, long long value) {
    for (auto at = out.find(name); at != std::string::npos; at = out.find(name))
      out.replace(at, name.size(), fmt::format("{}", value));
  };
  replace("@GRACE@", grace_ms);
  replace("@META_GRACE@", meta_grace_ms);
  replace("@MAX_MS@", max_version_ms);
  return out;
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha_(sha1_hex(text_)) {}

const Script& apply_script() {
  static const Script script(with_constants(apply_text));
  return script;
}

const Script& pull_script() {
  static const Script script(with_constants(pull_text));
  return script;
}

}  // namespace comem::redis
