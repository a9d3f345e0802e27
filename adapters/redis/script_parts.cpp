#include "adapters/redis/script_parts.hpp"

#include <fmt/format.h>

#include "adapters/redis/meta.hpp"
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
-- The metadata of all records: member -> text (meta.hpp).
local metas = prefix .. 'meta'
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

// The rules are those of decode_meta() (meta.cpp): what no store would read must not count in a digest
// either.
const std::string_view script_reading = R"lua(
local function failed(reply) return type(reply) == 'table' and reply.err ~= nil end
local kinds = {working = true, episodic = true, semantic = true, skill = true, session = true}
-- The fields of a record's metadata as they stand there; nil where it does not look like that.
local function fields_of(text)
  local ms, counter, deleted, expires_at, created_at, score, store, writer, lookup, shares, rest =
    string.match(text, '^(%d+) (%d+) ([01]) (%d+) (%d+) (%S+) (%d+) (%d+) (%d+) (%S*) ()')
  if not rest then return nil end
  local writer_at = rest + tonumber(store)
  local lookup_at = writer_at + tonumber(writer)
  if lookup_at + tonumber(lookup) ~= #text + 1 then return nil end
  return {ms = ms, counter = counter, deleted = deleted, expires_at = expires_at, created_at = created_at,
          score = score, shares = shares, store = string.sub(text, rest, writer_at - 1),
          writer = string.sub(text, writer_at, lookup_at - 1), lookup = string.sub(text, lookup_at),
          text = text, rest = rest}
end
-- "key=share;key=share" as {key = share}; nil for anything else.
local function shares_of(text)
  local shares, size = {}, 0
  if text == '' then return shares end
  for key, digits in string.gmatch(text .. ';', '([xsdalvi][0-9a-zA-Z]+)=(%d+);') do
    local share = exact(digits)
    if not share or share > 9007199254740991 or #key > 65 then return nil end
    if share > (shares[key] or 0) then shares[key] = share end
    size = size + #key + #digits + 2
  end
  return size == #text + 1 and shares or nil
end
local function is_score(text)
  local found = string.find(text, '^-?[%d.]+$') or string.find(text, '^-?[%d.]+[eE][+-]?%d+$')
  local score = found and tonumber(text)
  return score and score - score == 0
end
local most = {ms = @MAX_MS@, counter = 4294967295, expires_at = 9007199254740991, created_at = 9007199254740991}
-- The fields of the metadata of a record that is ours, those in `most` as numbers, and its shares; nil for any other.
local function read_meta(kind, id, text)
  if not text or #text > @MAX_META@ or not kinds[kind] or #id == 0 or #id > @MAX_ID@ then return nil end
  local fields = fields_of(text)
  if not fields then return nil end
  for name, top in pairs(most) do
    local value = exact(fields[name])
    if not value or value > top then return nil end
    fields[name] = value
  end
  if #fields.store == 0 or #fields.store > 64 or #fields.writer > @MAX_ID@ or #fields.lookup > @MAX_ID@ or
     not is_score(fields.score) then
    return nil
  end
  local shares = shares_of(fields.shares)
  if not shares then return nil end
  return fields, shares
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
  replace("@MAX_MS@", max_version_ms);
  replace("@MAX_ID@", max_id_bytes);
  replace("@MAX_META@", max_meta_bytes);
  replace("@MAX_VALUE@", max_wire_value);
  return Script(std::move(out));
}

}  // namespace comem::redis
