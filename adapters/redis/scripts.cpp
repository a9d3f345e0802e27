#include "adapters/redis/scripts.hpp"

#include "adapters/redis/script_parts.hpp"
#include "core/sha1.hpp"

namespace comem::redis {
namespace {

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
-- The same version again restores what was evicted or damaged; what no store can read is in nobody's way.
if order ~= 1 then
  local fields = read_meta(kind, id)
  if not fields then
    redis.call('DEL', meta)
    order = 1
  elseif order == 0 and not (value_size(kind, id, fields) and redis.call('ZSCORE', log, member)) then
    order = 1
  end
end

local grown, others = {}, false
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
      elseif tonumber(ARGV[16 + 2 * i]) < share then
        others = true
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
-- Nine fields and the counters: more of them are counts that the caller has not pushed.
if redis.call('HLEN', meta) > 9 + (#ARGV - 16) / 2 then others = true end
local seq = number(redis.call('HINCRBY', state, 'seq', 1))
if redis.call('ZADD', log, seq, member) == 1 then count_members(state, 1) end
if order == 1 then redis.pcall('ZREM', wanted, member) end
redis.call('PUBLISH', prefix .. 'agent:memory:' .. kind, epoch .. ' ' .. seq .. ' ' .. member)
return {ARGV[16], others and 'merged' or 'applied', epoch, seq}
)lua";

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha_(sha1_hex(text_)) {}

const Script& apply_script() {
  static const Script script = make_script({script_common, script_reading, apply_text});
  return script;
}

}  // namespace comem::redis
