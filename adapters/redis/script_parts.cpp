#include "adapters/redis/script_parts.hpp"

#include <fmt/format.h>

#include "adapters/redis/wire.hpp"
#include "core/ids.hpp"

namespace comem::redis {

// Numbers reach 2^53 - 1 and stay decimal strings wherever they are stored: Lua prints doubles with 14
// digits. Strings are compared by byte, since Lua's own comparison follows the server's locale.
const std::string_view script_common = R"lua(
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

// The rules are those of record_from() (wire.cpp): what no store would read must not count in a digest
// either.
const std::string_view script_reading = R"lua(
local function failed(reply) return type(reply) == 'table' and reply.err ~= nil end
local kinds = {working = true, episodic = true, semantic = true, skill = true, session = true}
local most = {ms = @MAX_MS@, counter = 4294967295, expires_at = 9007199254740991, created_at = 9007199254740991}
local longest = {store = 64, writer = @MAX_ID@, lookup = @MAX_ID@}
local function is_score(text)
  local found = string.find(text, '^-?[%d.]+$') or string.find(text, '^-?[%d.]+[eE][+-]?%d+$')
  local score = found and tonumber(text)
  return score and score - score == 0
end
-- The meta of a record that is ours, as {field = value} and {counter, share, ...}; nil for any other. And all of it
-- as Redis has it.
local function read_meta(kind, id)
  if not kinds[kind] or #id == 0 or #id > @MAX_ID@ then return nil end
  local key = meta_key(kind, id)
  local count = redis.pcall('HLEN', key)
  if failed(count) or count == 0 or count > 4096 then return nil end
  local all = redis.call('HGETALL', key)
  local fields = {ms = 0, counter = 0, expires_at = 0, created_at = 0, deleted = '0', lookup = '', writer = ''}
  local shares, size = {}, 0
  for i = 1, #all, 2 do
    local name, text = all[i], all[i + 1]
    size = size + #name + #text
    if most[name] then
      local value = exact(text)
      if not value or value > most[name] then return nil end
      fields[name] = value
    elseif longest[name] then
      if #text > longest[name] then return nil end
      fields[name] = text
    elseif name == 'deleted' then
      if text ~= '0' and text ~= '1' then return nil end
      fields.deleted = text
    elseif name == 'score' then
      if not is_score(text) then return nil end
    elseif string.sub(name, 1, 2) == 'c:' then
      local share = exact(text)
      if not share or share > 9007199254740991 or #name > 67 then return nil end
      if not string.find(name, '^c:[xsdalvi][0-9a-zA-Z]+$') then return nil end
      if share > 0 then
        shares[#shares + 1] = name
        shares[#shares + 1] = share
      end
    end
  end
  if not fields.store or fields.store == '' or size > 1048576 then return nil end
  return fields, shares, all, size
end
-- The size of a record's value; nil when it has none that could be read.
local function value_size(kind, id, fields)
  if fields.deleted == '1' then return 0 end
  local size = redis.pcall('STRLEN', value_key(kind, id, fields.lookup))
  if failed(size) or size == 0 or size > @MAX_VALUE@ then return nil end
  return size
end
)lua";

Script make_script(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  const auto replace = [&out](std::string_view name, unsigned long long value) {
    for (auto at = out.find(name); at != std::string::npos; at = out.find(name))
      out.replace(at, name.size(), fmt::format("{}", value));
  };
  replace("@GRACE@", grace_ms);
  replace("@META_GRACE@", meta_grace_ms);
  replace("@MAX_MS@", max_version_ms);
  replace("@MAX_ID@", max_id_bytes);
  replace("@MAX_VALUE@", max_wire_value);
  return Script(std::move(out));
}

}  // namespace comem::redis
