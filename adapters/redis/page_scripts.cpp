// The scripts that look through a namespace's change log, and the one that marks a place in the replication
// stream.

#include "adapters/redis/script_parts.hpp"

namespace comem::redis {
namespace {

// The members that changed after the place asked for, at most `scan` of them (and one more, to know whether
// there are more), with their sequence numbers.
constexpr std::string_view paging = R"lua(
local state, log = KEYS[1], KEYS[2]
local limit, max_bytes, nonce = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[8]
local current = redis.call('HMGET', state, 'epoch', 'seq', 'members')
local epoch, last = current[1], current[2]
local is_cut = redis.call('ZCARD', log) < (exact(current[3]) or 0)
if not epoch or not is_sequence(last) or is_cut then epoch, last = new_epoch(state, log, ARGV[6]) end
local after = ARGV[2] == epoch and ARGV[3] or '0'
local function members_after(scan)
  return redis.call('ZRANGEBYSCORE', log, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, scan + 1)
end
local reached, more = last, 0
)lua";

constexpr std::string_view entries = R"lua(
-- What `metas` holds of each of these; false for none.
local function texts_of(members)
  local texts = {}
  for first = 1, #members, 500 do
    local part = redis.call('HMGET', metas, unpack(members, first, math.min(first + 499, #members)))
    for i, text in ipairs(part) do texts[first + i - 1] = text end
  end
  return texts
end
-- A record as {member, metadata, value}, what gone() says when it is gone, or nil when it is not one of ours; and its
-- size.
local function fetch(member, text, max_value, gone)
  local kind, id = split(member)
  if not kinds[kind] or #id == 0 then return nil, 0 end
  if not text then return gone(member, kind) end
  local fields = #text <= @MAX_META@ and fields_of(text)
  if not fields then return nil, 0 end
  local value = ''
  if fields.deleted == '0' then
    local key = value_key(kind, id, fields.lookup)
    local size = redis.pcall('STRLEN', key)
    if failed(size) or size > max_value then return nil, 0 end
    if size == 0 then return gone(member, kind) end
    value = redis.call('GET', key)
  end
  return {member, text, value}, #member + #text + #value
end
)lua";

constexpr std::string_view pull_text = R"lua(
local max_value = tonumber(ARGV[7])
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
  return {member, '', ''}, #member
end
local scored, members = members_after(limit), {}
for i = 1, #scored, 2 do members[#members + 1] = scored[i] end
local texts = texts_of(members)
local found, skipped, bytes = {}, 0, 0
for i, member in ipairs(members) do
  if #found + skipped >= limit then more = 1 break end
  local entry, size = fetch(member, texts[i], max_value, gone)
  if entry and #found > 0 and bytes + size > max_bytes then more = 1 break end
  if entry then
    found[#found + 1] = entry
    bytes = bytes + size
  else
    skipped = skipped + 1
  end
  reached = number(tonumber(scored[2 * i]))
end
if more == 0 then reached = last end
return {nonce, epoch, last, reached, more, skipped, found}
)lua";

constexpr std::string_view fetch_text = R"lua(
local max_bytes, nonce = tonumber(ARGV[2]), ARGV[3]
local found, bytes, done = {}, 0, 0
local function gone() return nil, 0 end
local members = {}
for i = 4, #ARGV do members[i - 3] = ARGV[i] end
local texts = texts_of(members)
for i, member in ipairs(members) do
  local entry, size = fetch(member, texts[i], @MAX_VALUE@, gone)
  if entry and #found > 0 and bytes + size > max_bytes then break end
  if entry then
    found[#found + 1] = entry
    bytes = bytes + size
  end
  done = done + 1
end
return {nonce, done, found}
)lua";

// What digest_hash() computes (core/record_digest.hpp), for every record of the page that has not expired.
// Members in buckets that nobody wants cost one hash, so a page may pass over many of them.
constexpr std::string_view hashing = R"lua(
local now = tonumber(ARGV[7])
local masks
for i = 9, #ARGV, 2 do
  masks = masks or {}
  masks[ARGV[i]] = ARGV[i + 1]
end
local function is_wanted(kind, bucket)
  if not masks then return true end
  local mask = masks[kind]
  if not mask then return false end
  local digit = tonumber(string.sub(mask, math.floor(bucket / 4) + 1, math.floor(bucket / 4) + 1), 16)
  return math.floor(digit / 2 ^ (bucket % 4)) % 2 == 1
end
local modulus = 281474976710656
local function hash48(text)
  local hex = redis.sha1hex(text)
  return tonumber(string.sub(hex, 1, 6), 16) * 16777216 + tonumber(string.sub(hex, 7, 12), 16)
end
-- The fields of a record and its hash, or nil when it has expired; and the bytes that were read for it.
local function hash_of(member, kind, id)
  local text = redis.call('HGET', metas, member)
  local fields, shares = read_meta(kind, id, text)
  if not fields or (fields.expires_at ~= 0 and now >= fields.expires_at) then return nil, 0, 0 end
  local size = value_size(kind, id, fields)
  if not size then return nil, 0, 0 end
  local value = size > 0 and redis.call('GET', value_key(kind, id, fields.lookup)) or ''
  local hash = hash48(table.concat({
    member, '\n', number(fields.ms), ' ', number(fields.counter), ' ', fields.deleted, ' ',
    number(fields.expires_at), ' ', number(fields.created_at), '\n', fields.store, '\n', fields.lookup, '\n',
    fields.writer, '\n', redis.sha1hex(value)}))
  for key, share in pairs(shares) do
    local letter = string.sub(key, 1, 1)
    if letter ~= 'a' and letter ~= 'l' then
      hash = (hash + hash48(member .. '\nc:' .. key .. '=' .. number(share))) % modulus
    end
  end
  return fields, hash, size + #text
end
local function walk(take)
  local scan = masks and limit * 4 or limit
  local members = members_after(scan)
  local taken, bytes = 0, 0
  for i = 1, #members, 2 do
    if i > 2 * scan or taken >= limit or bytes >= max_bytes then more = 1 break end
    local kind, id = split(members[i])
    local bucket = tonumber(string.sub(redis.sha1hex(members[i]), 1, 2), 16)
    if kind and is_wanted(kind, bucket) then
      local fields, hash, size = hash_of(members[i], kind, id)
      taken = taken + 1
      bytes = bytes + size
      if fields then take(members[i], kind, bucket, fields, hash) end
    end
    reached = number(tonumber(members[i + 1]))
  end
  if more == 0 then reached = last end
end
)lua";

constexpr std::string_view digest_text = R"lua(
local sums = {}
walk(function(_, kind, bucket, fields, hash)
  if fields.deleted == '1' then return end
  local name = kind .. ':' .. bucket
  local sum = sums[name] or {name, 0, 0}
  sums[name] = sum
  sum[2] = sum[2] + 1
  sum[3] = (sum[3] + hash) % modulus
end)
local found = {}
for _, sum in pairs(sums) do found[#found + 1] = sum end
return {nonce, epoch, last, reached, more, found}
)lua";

constexpr std::string_view heads_text = R"lua(
local found = {}
walk(function(member, _, _, fields, hash)
  found[#found + 1] = {member, number(fields.ms), number(fields.counter), fields.store, hash}
end)
return {nonce, epoch, last, reached, more, found}
)lua";

constexpr std::string_view fence_text = R"lua(
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then return {ARGV[3], 0} end
redis.call('HSET', KEYS[1], 'fence', ARGV[3])
return {ARGV[3], 1}
)lua";

}  // namespace

const Script& pull_script() {
  static const Script script = make_script({script_common, script_reading, paging, entries, pull_text});
  return script;
}

const Script& fetch_script() {
  static const Script script = make_script({script_common, script_reading, entries, fetch_text});
  return script;
}

const Script& digest_script() {
  static const Script script = make_script({script_common, script_reading, paging, hashing, digest_text});
  return script;
}

const Script& heads_script() {
  static const Script script = make_script({script_common, script_reading, paging, hashing, heads_text});
  return script;
}

const Script& fence_script() {
  static const Script script = make_script({fence_text});
  return script;
}

}  // namespace comem::redis
