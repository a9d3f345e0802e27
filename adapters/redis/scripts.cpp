#include "adapters/redis/scripts.hpp"

#include "adapters/redis/script_parts.hpp"
#include "core/sha1.hpp"

namespace comem::redis {
namespace {

constexpr std::string_view apply_text = R"lua(
local log, expiry, state = KEYS[1], KEYS[2], KEYS[3]
local now, nonce = tonumber(ARGV[2]), ARGV[4]
local call, pcall = redis.call, redis.pcall
-- For what we have counted ourselves: as exact as number(), and several times as fast.
local function whole(n) return string.format('%d', n) end

-- Nothing of a record is written before every key of it is known to be ours: a script is not rolled back.
local types = {}
local function foreign(key, wanted)
  local found = types[key]
  if not found then
    found = call('TYPE', key).ok
    types[key] = found
  end
  return found ~= 'none' and found ~= wanted
end
local foreign_value = 'WRONGTYPE a key of this record holds a foreign value'
if foreign(log, 'zset') or foreign(expiry, 'zset') or foreign(state, 'hash') then
  return redis.error_reply(foreign_value)
end

local indexes = {}
local function index_key(kind)
  local key = indexes[kind]
  if not key then
    key = prefix .. 'memory:' .. kind .. ':index:all'
    indexes[kind] = key
  end
  return key
end
local function lookup_key(kind, text)
  if text == '' then return nil end
  if kind == 'episodic' then return prefix .. 'session:' .. escape(text) .. ':episodes' end
  if kind == 'skill' then return prefix .. 'skill:name:' .. escape(text) end
end

-- What goes into sorted sets is collected, and written with one call a set.
local entries, repeated = {}, false
local function enter(key, member, score)
  local words = entries[key]
  if not words then
    words = {}
    entries[key] = words
  end
  local size = #words
  words[size + 1], words[size + 2] = score, member
end
local function write_entries(key)
  local words, added = entries[key] or {}, 0
  for first = 1, #words, 200 do
    added = added + call('ZADD', key, unpack(words, first, math.min(first + 199, #words)))
  end
  entries[key] = nil
  return added
end
local function leave(key, member)
  if repeated then write_entries(key) end  -- where the same record may have entered just now
  pcall('ZREM', key, member)
end

local function forget_lookup(kind, id, text)
  local key = lookup_key(kind, text)
  if not key then return end
  if kind == 'skill' then
    if pcall('GET', key) == id then call('DEL', key) end
  else
    leave(key, id)
  end
end

-- Where each record begins in ARGV and KEYS.
local places, keys_at, members, pushed = {}, {}, {}, {}
do
  local place, key = 5, 4
  while place <= #ARGV do
    local kind = ARGV[place]
    local member = kind .. ':' .. ARGV[place + 1]
    places[#places + 1], keys_at[#keys_at + 1], members[#members + 1] = place, key, member
    repeated = repeated or pushed[member]
    pushed[member] = true
    key = key + 2
    if ARGV[place + 9] ~= '' and (kind == 'episodic' or kind == 'skill') then key = key + 1 end
    place = place + 13 + 2 * tonumber(ARGV[place + 12])
  end
end

local function sweep()
  local time = call('TIME')
  local until_ms = math.min(now, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)) - @GRACE@
  local dead = call('ZRANGEBYSCORE', expiry, '-inf', number(until_ms), 'LIMIT', 0, 16 * #places)
  for _, entry in ipairs(dead) do
    if not pushed[entry] then
      local dead_kind, dead_id = split(entry)
      if dead_kind then
        local dead_meta = meta_key(dead_kind, dead_id)
        local text = pcall('HGET', dead_meta, 'lookup')
        if type(text) ~= 'string' then text = '' end
        forget_lookup(dead_kind, dead_id, text)
        pcall('ZREM', index_key(dead_kind), dead_id)
        call('DEL', dead_meta, value_key(dead_kind, dead_id, text))
      end
      if call('ZREM', log, entry) == 1 then count_members(state, -1) end
      call('ZREM', expiry, entry)
      pcall('ZREM', wanted, entry)
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
local function compare(held, ms, counter, store)
  local held_ms, held_counter = exact(held[1]), exact(held[2])
  -- Nobody reads a version beyond this (wire.cpp), so it must not stand in the way either.
  if not held_ms or held_ms > @MAX_MS@ or not held_counter or not held[3] then return 1 end
  local mine_ms, mine_counter = tonumber(ms), tonumber(counter)
  if mine_ms ~= held_ms then return mine_ms > held_ms and 1 or -1 end
  if mine_counter ~= held_counter then return mine_counter > held_counter and 1 or -1 end
  if store == held[3] then return 0 end
  return bytes_less(held[3], store) and 1 or -1
end

-- Of the counters at `place`, the fields that grow and their shares; and whether others are ahead.
local function grown_shares(meta, place, count)
  local grown, others, names = {}, false, {}
  for i = 1, count do names[i] = 'c:' .. ARGV[place + 2 * i - 2] end
  for first = 1, count, 100 do
    local last = math.min(first + 99, count)
    local shares = call('HMGET', meta, unpack(names, first, last))
    for i = first, last do
      local share = exact(shares[i - first + 1])
      local mine = ARGV[place + 2 * i - 1]
      if not share or tonumber(mine) > share then
        grown[#grown + 1] = names[i]
        grown[#grown + 1] = mine
      elseif tonumber(mine) < share then
        others = true
      end
    end
  end
  return grown, others
end

-- The sets of sessions, and the longest that one of the new members lives; false: for ever.
local lookup_sets = {}

local function time_to_live(place)
  local expires_at = tonumber(ARGV[place + 6])
  return expires_at > 0 and math.max(expires_at - now, 0) + @GRACE@ or nil
end

-- `written`: the value stands there already.
local function write_record(place, key, member, old_lookup, written)
  local kind, id, lookup = ARGV[place], ARGV[place + 1], ARGV[place + 9]
  local value, meta = KEYS[key], KEYS[key + 1]
  local deleted, ttl = ARGV[place + 5] == '1', time_to_live(place)
  if old_lookup ~= '' and (deleted or old_lookup ~= lookup) then
    forget_lookup(kind, id, old_lookup)
    if kind == 'working' then call('DEL', value_key(kind, id, old_lookup)) end
  end
  call('HSET', meta, 'ms', ARGV[place + 2], 'counter', ARGV[place + 3], 'store', ARGV[place + 4], 'deleted',
       ARGV[place + 5], 'expires_at', ARGV[place + 6], 'created_at', ARGV[place + 7], 'writer', ARGV[place + 8],
       'lookup', lookup, 'score', ARGV[place + 10])
  if ttl then
    call('PEXPIRE', meta, whole(ttl + @META_GRACE@))
    enter(expiry, member, whole(ttl + now - @GRACE@))
  else
    call('PERSIST', meta)
    leave(expiry, member)
  end
  if deleted then
    call('DEL', value)
    leave(index_key(kind), id)
    forget_lookup(kind, id, lookup)
    return
  end
  if written then
    -- by apply()
  elseif ttl then
    call('SET', value, ARGV[place + 11], 'PX', whole(ttl))
  else
    call('SET', value, ARGV[place + 11])
  end
  enter(index_key(kind), id, ARGV[place + 10])
  local found_by = lookup ~= '' and KEYS[key + 2]
  if found_by and kind == 'skill' then
    if ttl then call('SET', found_by, id, 'PX', whole(ttl)) else call('SET', found_by, id) end
  elseif found_by and kind == 'episodic' then
    enter(found_by, id, ARGV[place + 7])
    local longest = lookup_sets[found_by]
    if longest == nil then longest = ttl or false end
    lookup_sets[found_by] = longest and ttl and math.max(longest, ttl) or false
  end
end

local epoch, seq
local touched = {}
-- The answer for one record: a word, or an error's text.
local function apply(place, key, member)
  local kind, id, lookup = ARGV[place], ARGV[place + 1], ARGV[place + 9]
  local meta, shares = KEYS[key + 1], tonumber(ARGV[place + 12])
  local has_lookup = lookup ~= '' and (kind == 'episodic' or kind == 'skill')
  if foreign(index_key(kind), 'zset') or
     (has_lookup and foreign(KEYS[key + 2], kind == 'skill' and 'string' or 'zset')) then
    return foreign_value
  end
  local size = pcall('HLEN', meta)
  if type(size) == 'table' then return string.find(size.err, '^WRONGTYPE') and foreign_value or size.err end
  if size == 0 and ARGV[place + 5] == '0' then
    -- Most are new. Where nothing is in the value's place either, that is seen and done at once.
    local ttl = time_to_live(place)
    local set = ttl and call('SET', KEYS[key], ARGV[place + 11], 'PX', whole(ttl), 'NX') or
                not ttl and call('SET', KEYS[key], ARGV[place + 11], 'NX')
    if set then
      write_record(place, key, member, '', true)
      for i = 1, shares do call('HSET', meta, 'c:' .. ARGV[place + 11 + 2 * i], ARGV[place + 12 + 2 * i]) end
      touched[member] = 'written'
      return 'applied'
    end
  end
  if foreign(KEYS[key], 'string') then return foreign_value end
  local held = call('HMGET', meta, 'ms', 'counter', 'store', 'lookup')
  local order = compare(held, ARGV[place + 2], ARGV[place + 3], ARGV[place + 4])
  -- The same version again restores what was evicted or damaged; what no store can read is in nobody's way.
  if order ~= 1 then
    local fields = read_meta(kind, id)
    if not fields then
      call('DEL', meta)
      order = 1
    elseif order == 0 and not (value_size(kind, id, fields) and (touched[member] or call('ZSCORE', log, member))) then
      order = 1
    end
  end
  local grown, others = {}, false
  if shares > 0 then grown, others = grown_shares(meta, place + 13, shares) end
  if order ~= 1 and #grown == 0 then return 'superseded' end
  if order == 1 then write_record(place, key, member, held[4] or '') end
  for first = 1, #grown, 100 do
    call('HSET', meta, unpack(grown, first, math.min(first + 99, #grown)))
  end
  -- Nine fields and the counters: more of them are counts that the caller has not pushed.
  if call('HLEN', meta) > 9 + shares then others = true end
  touched[member] = order == 1 and 'written' or 'counted'
  return others and 'merged' or 'applied'
end

local current = call('HMGET', state, 'epoch', 'seq')
epoch, seq = current[1], current[2]
if not epoch or not is_sequence(seq) then epoch, seq = new_epoch(state, log, ARGV[3]) end
sweep()

local answers, last, count, healed = {nonce, epoch, seq}, {}, 0, {}
for i, place in ipairs(places) do
  local answer = apply(place, keys_at[i], members[i])
  answers[3 + i] = answer
  if answer == 'applied' or answer == 'merged' then
    count = count + 1
    enter(log, members[i], whole(tonumber(seq) + count))
    last[ARGV[place]] = i
    if touched[members[i]] == 'written' then healed[#healed + 1] = members[i] end
  end
end
if count == 0 then return answers end

-- The log comes last: what is not in it is written again when it is pushed again.
for key, longest in pairs(lookup_sets) do
  local left = call('PTTL', key)
  write_entries(key)
  -- The set lives as long as the longest of its members.
  if not longest then
    call('PERSIST', key)
  elseif left == -2 or (left >= 0 and left < longest) then
    call('PEXPIRE', key, whole(longest))
  end
end
for key in pairs(entries) do
  if key ~= log then write_entries(key) end
end
answers[3] = number(call('HINCRBY', state, 'seq', count))
local added = write_entries(log)
if added > 0 then count_members(state, added) end
if #healed > 0 then pcall('ZREM', wanted, unpack(healed)) end
for kind, i in pairs(last) do
  call('PUBLISH', prefix .. 'agent:memory:' .. kind, epoch .. ' ' .. answers[3] .. ' ' .. members[i])
end
return answers
)lua";

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), sha_(sha1_hex(text_)) {}

const Script& apply_script() {
  static const Script script = make_script({script_common, script_reading, apply_text});
  return script;
}

}  // namespace comem::redis
