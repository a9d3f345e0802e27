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
local function foreign(key, wanted_type)
  local found = types[key]
  if not found then
    found = call('TYPE', key).ok
    types[key] = found
  end
  return found ~= 'none' and found ~= wanted_type
end
local foreign_value = 'WRONGTYPE a key of this record holds a foreign value'
if foreign(log, 'zset') or foreign(expiry, 'zset') or foreign(state, 'hash') or foreign(metas, 'hash') then
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

-- What goes into sorted sets and into `metas` is collected, and written with one call a key.
local entries, repeated = {}, false
local function words_of(key)
  local words = entries[key]
  if not words then
    words = {}
    entries[key] = words
  end
  return words
end
local function enter(key, first, second)
  local words = words_of(key)
  local size = #words
  words[size + 1], words[size + 2] = first, second
end
local function write_entries(key, command)
  local words, added = entries[key] or {}, 0
  for first = 1, #words, 200 do
    added = added + call(command, key, unpack(words, first, math.min(first + 199, #words)))
  end
  entries[key] = nil
  return added
end
local function leave(key, member)
  if repeated then write_entries(key, 'ZADD') end  -- where the same record may have entered just now
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

-- Where each record begins in ARGV and KEYS, and what is held of it: its metadata by member.
local places, keys_at, members, pushed, held = {}, {}, {}, {}, {}
do
  local key = 4
  for place = 5, #ARGV, 9 do
    local kind = ARGV[place]
    local member = kind .. ':' .. ARGV[place + 1]
    local i = #places + 1
    places[i], keys_at[i], members[i] = place, key, member
    repeated = repeated or pushed[member]
    pushed[member] = true
    key = key + 1
    if ARGV[place + 7] ~= '' and (kind == 'episodic' or kind == 'skill') then key = key + 1 end
  end
  for i, text in ipairs(call('HMGET', metas, unpack(members))) do held[members[i]] = text or nil end
end

local function sweep()
  local time = call('TIME')
  local until_ms = math.min(now, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)) - @GRACE@
  local dead = {}
  for _, member in ipairs(call('ZRANGEBYSCORE', expiry, '-inf', number(until_ms), 'LIMIT', 0, 16 * #places)) do
    if not pushed[member] then dead[#dead + 1] = member end
  end
  for first = 1, #dead, 200 do
    local last = math.min(first + 199, #dead)
    local texts = call('HMGET', metas, unpack(dead, first, last))
    for i = first, last do
      local kind, id = split(dead[i])
      if kind then
        local text = texts[i - first + 1]
        local fields = text and fields_of(text)
        local lookup = fields and fields.lookup or ''
        forget_lookup(kind, id, lookup)
        pcall('ZREM', index_key(kind), id)
        call('DEL', value_key(kind, id, lookup))
      end
    end
    call('HDEL', metas, unpack(dead, first, last))
    count_members(state, -call('ZREM', log, unpack(dead, first, last)))
    call('ZREM', expiry, unpack(dead, first, last))
    pcall('ZREM', wanted, unpack(dead, first, last))
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
local function compare(new, old)
  if new.ms ~= old.ms then return new.ms > old.ms and 1 or -1 end
  if new.counter ~= old.counter then return new.counter > old.counter and 1 or -1 end
  if new.store == old.store then return 0 end
  return bytes_less(old.store, new.store) and 1 or -1
end

-- The larger of each share, whether any of ours is among them, and whether any of theirs.
local function merge_shares(ours, theirs)
  local all, grown, others = {}, false, false
  for key, share in pairs(theirs) do
    all[key] = share
    others = others or share > (ours[key] or 0)
  end
  for key, share in pairs(ours) do
    if share > (theirs[key] or 0) then all[key], grown = share, true end
  end
  return all, grown, others
end
-- The metadata with these shares instead of its own.
local function with_shares(fields, shares)
  local keys, words = {}, {}
  for key in pairs(shares) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do words[i] = key .. '=' .. number(shares[key]) end
  return string.sub(fields.text, 1, fields.rest - 2 - #fields.shares) .. table.concat(words, ';') ..
         string.sub(fields.text, fields.rest - 1)
end

-- The sets of sessions, and the longest that one of the new members lives; false: for ever.
local lookup_sets = {}

-- All but the metadata. `written`: the value stands there already.
local function write_record(i, old_lookup, written)
  local place, key, member = places[i], KEYS[keys_at[i]], members[i]
  local kind, id, value, ttl, lookup = ARGV[place], ARGV[place + 1], ARGV[place + 3], ARGV[place + 4], ARGV[place + 7]
  if old_lookup ~= '' and (value == '' or old_lookup ~= lookup) then
    forget_lookup(kind, id, old_lookup)
    if kind == 'working' then call('DEL', value_key(kind, id, old_lookup)) end
  end
  if ttl ~= '' then enter(expiry, ARGV[place + 5], member) else leave(expiry, member) end
  if value == '' then
    call('DEL', key)
    leave(index_key(kind), id)
    forget_lookup(kind, id, lookup)
    return
  end
  if written then
    -- by apply()
  elseif ttl ~= '' then
    call('SET', key, value, 'PX', ttl)
  else
    call('SET', key, value)
  end
  enter(index_key(kind), ARGV[place + 6], id)
  if lookup == '' then return end
  local found_by = KEYS[keys_at[i] + 1]
  if kind == 'skill' then
    if ttl ~= '' then call('SET', found_by, id, 'PX', ttl) else call('SET', found_by, id) end
  elseif kind == 'episodic' then
    enter(found_by, ARGV[place + 8], id)
    local longest, own = lookup_sets[found_by], tonumber(ttl) or false
    if longest == nil then longest = own end
    lookup_sets[found_by] = longest and own and math.max(longest, own)
  end
end

local touched = {}
local function note(member, text, what)
  enter(metas, member, text)
  held[member], touched[member] = text, what
end

local sound = {}
local function is_foreign(kind, lookup, found_by)
  if not sound[kind] then
    if foreign(index_key(kind), 'zset') then return true end
    sound[kind] = true
  end
  if lookup == '' then return false end
  return kind == 'skill' and foreign(found_by, 'string') or kind == 'episodic' and foreign(found_by, 'zset')
end

-- The answer for one record: a word, or an error's text.
local function apply(i)
  local place, key, member = places[i], KEYS[keys_at[i]], members[i]
  local kind, id, text, value, ttl = ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], ARGV[place + 4]
  if is_foreign(kind, ARGV[place + 7], KEYS[keys_at[i] + 1]) then return foreign_value end
  if not held[member] and value ~= '' then
    -- Most are new. Where nothing is in the value's place either, that is seen and done at once.
    local set = ttl ~= '' and call('SET', key, value, 'PX', ttl, 'NX') or ttl == '' and call('SET', key, value, 'NX')
    if set then
      write_record(i, '', true)
      note(member, text, 'written')
      return 'applied'
    end
  end
  if foreign(key, 'string') then return foreign_value end
  local new, ours = read_meta(kind, id, text)
  if not new then return 'ERR the metadata is malformed' end
  -- What no store can read is in nobody's way.
  local old, theirs = read_meta(kind, id, held[member])
  local order = old and compare(new, old) or 1
  -- The same version again restores what was evicted or damaged.
  if order == 0 and not (value_size(kind, id, old) and (touched[member] or call('ZSCORE', log, member))) then
    order = 1
  end
  local shares, grown, others = merge_shares(ours, theirs or {})
  if order ~= 1 and not grown then return 'superseded' end
  if order == 1 then write_record(i, old and old.lookup or '') end
  note(member, with_shares(order == 1 and new or old, shares), order == 1 and 'written' or 'counted')
  return others and 'merged' or 'applied'
end

-- What was applied, where it is small and stands as it was pushed.
local function carried(applied)
  local words, size = {}, 0
  if repeated then return '' end  -- the values at hand may be older ones
  for n, i in ipairs(applied) do
    local member, text, value = members[i], held[members[i]], ARGV[places[i] + 3]
    size = size + #member + #text + #value
    if size > 4096 or touched[member] ~= 'written' then return '' end
    words[n] = ' ' .. #member .. ' ' .. #text .. ' ' .. #value .. ' ' .. member .. text .. value
  end
  return table.concat(words)
end

local current = call('HMGET', state, 'epoch', 'seq')
local epoch, seq = current[1], current[2]
if not epoch or not is_sequence(seq) then epoch, seq = new_epoch(state, log, ARGV[3]) end
sweep()

local answers, last, count, healed, applied = {nonce, epoch, seq}, {}, 0, {}, {}
for i, member in ipairs(members) do
  local answer = apply(i)
  answers[3 + i] = answer
  if answer == 'applied' or answer == 'merged' then
    count = count + 1
    enter(log, whole(tonumber(seq) + count), member)
    applied[count] = i
    last[ARGV[places[i]]] = true
    if touched[member] == 'written' then healed[#healed + 1] = member end
  end
end
if count == 0 then return answers end

-- The log comes last: what is not in it is written again when it is pushed again.
for key, longest in pairs(lookup_sets) do
  local left = call('PTTL', key)
  write_entries(key, 'ZADD')
  -- The set lives as long as the longest of its members.
  if not longest then
    call('PERSIST', key)
  elseif left == -2 or (left >= 0 and left < longest) then
    call('PEXPIRE', key, whole(longest))
  end
end
write_entries(metas, 'HSET')
for key in pairs(entries) do
  if key ~= log then write_entries(key, 'ZADD') end
end
answers[3] = number(call('HINCRBY', state, 'seq', count))
local added = write_entries(log, 'ZADD')
if added > 0 then count_members(state, added) end
if #healed > 0 then pcall('ZREM', wanted, unpack(healed)) end
-- One message a type. A small change is in the first of them, so that nobody has to ask for it.
local message = epoch .. ' ' .. answers[3]
local carrying = message .. carried(applied)
for kind in pairs(last) do
  call('PUBLISH', prefix .. 'agent:memory:' .. kind, carrying)
  carrying = message
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
