import { createHash } from 'node:crypto';

/** A script that Redis runs as one step. Redis knows it by its hash once it has run. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** `lastOf` asks for the last id that was ever given, not for the last entry: trimming takes entries. `tell` packs one announcement for each instance with tabs on it. */
const SHARED = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function lastOf(log)
  local info = redis.pcall('XINFO', 'STREAM', log)
  if info.err then return 0, 0, '0-0' end
  for index = 1, #info, 2 do
    if info[index] == 'last-generated-id' then
      local epoch, seq = string.match(info[index + 1], '^(%d+)-(%d+)$')
      return tonumber(epoch), tonumber(seq), info[index + 1]
    end
  end
end
local function ownerOf(own)
  local value = redis.call('GET', own)
  if not value then return nil end
  local epoch, instance = string.match(value, '^(%d+) (.+)$')
  return tonumber(epoch), instance
end
local packed = {}
local function tellOne(instance, line)
  local lines = packed[instance]
  if lines then lines[#lines + 1] = line else packed[instance] = { line } end
end
local function tell(me, watch, at, line)
  local isTold = {}
  for _, instance in ipairs(redis.call('ZRANGEBYSCORE', watch, at, '+inf')) do
    if instance ~= me then tellOne(instance, line) end
    isTold[instance] = true
  end
  return isTold
end
local function announce(kind)
  for instance, lines in pairs(packed) do redis.call('PUBLISH', 'bus:' .. instance, kind .. '\\n' .. table.concat(lines, '\\n')) end
end
`;

function script(lua: string): Script {
  const whole = SHARED + lua;
  return { lua: whole, sha: createHash('sha1').update(whole).digest('hex') };
}

/**
 * KEYS: log, own and watch of each entry. ARGV: this instance, then of each entry its conversation, epoch, the number before it, its last number and what is sealed.
 * One verdict each; what goes wrong with one (`failed: why`) leaves the others alone.
 */
export const APPEND = script(`
local me = ARGV[1]
local at = now()
local function endsAt(log, id)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  return last and last[1] == id
end
local function verdictOn(log, own, number, before, id)
  local owned, holder = ownerOf(own)
  local there, seq = lastOf(log)
  if there > number or (owned and (owned > number or (owned == number and holder ~= me))) then return 'stale' end
  if owned ~= number or there ~= number then return 'behind' end
  if seq == before then return nil end
  return #redis.call('XRANGE', log, id, id) > 0 and 'written' or 'behind'
end
local function write(log, own, watch, conversation, epoch, after, last, sealed)
  local id = epoch .. '-' .. last
  -- Nearly always all is well, and that is found out at a third of the cost.
  if redis.call('GET', own) ~= epoch .. ' ' .. me or not endsAt(log, epoch .. '-' .. after) then
    local verdict = verdictOn(log, own, tonumber(epoch), tonumber(after), id)
    if verdict then return verdict end
  end
  redis.call('XADD', log, id, 'e', sealed)
  tell(me, watch, at, conversation .. ' ' .. after .. ' ' .. id .. ' ' .. sealed)
  return 'written'
end
local verdicts = {}
for index = 1, #KEYS / 3 do
  local key, arg = index * 3 - 2, index * 5 - 3
  local isDone, verdict = pcall(write, KEYS[key], KEYS[key + 1], KEYS[key + 2], ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4])
  verdicts[index] = isDone and verdict or 'failed: ' .. (type(verdict) == 'table' and verdict.err or tostring(verdict))
end
announce('log')
return verdicts
`);

/** KEYS: log. ARGV: epoch and number of a position. The last id, and what comes at or behind the position when the log is of its epoch and reaches it. */
export const READ = script(`
local epoch, seq, id = lastOf(KEYS[1])
if epoch ~= tonumber(ARGV[1]) or seq < tonumber(ARGV[2]) then return { id } end
return { id, redis.call('XRANGE', KEYS[1], ARGV[1] .. '-' .. ARGV[2], '+') }
`);

/**
 * KEYS: log, own, watch. ARGV: this instance, seconds to live, conversation, epoch. What the log held; or nothing when this epoch or a higher one has begun, unless
 * it was this very claim, whose answer was lost. The former owner is told as well, so that it steps down at once.
 */
export const CLAIM = script(`
local me, seconds, conversation, epoch = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local owned, holder = ownerOf(KEYS[2])
local there, seq = lastOf(KEYS[1])
local isRepeated = owned == epoch and holder == me and there == epoch and seq == 0
if not isRepeated and ((owned and owned >= epoch) or there >= epoch) then return false end
local held = redis.call('XRANGE', KEYS[1], '-', '+')
if isRepeated then return held end
local id = ARGV[4] .. '-0'
redis.call('XADD', KEYS[1], id, 'o', me)
redis.call('SET', KEYS[2], ARGV[4] .. ' ' .. me, 'EX', seconds)
redis.call('EXPIRE', KEYS[1], seconds)
local line = conversation .. ' begun ' .. id
local isTold = tell(me, KEYS[3], now(), line)
if holder and holder ~= me and not isTold[holder] then tellOne(holder, line) end
announce('log')
return held
`);

/** KEYS: born. The milliseconds for which this Redis has known anything; it begins to now when it did not. */
export const BORN = script(`
local at = now()
local born = redis.call('GET', KEYS[1])
if not born then
  redis.call('SET', KEYS[1], at)
  return 0
end
return at - tonumber(born)
`);

/** KEYS: own of each. ARGV: `<epoch> <instance>` of each. */
export const RELEASE = script(`
for index = 1, #KEYS do
  if redis.call('GET', KEYS[index]) == ARGV[index] then redis.call('DEL', KEYS[index]) end
end
`);

/** KEYS: log and watch of each. ARGV: this instance, milliseconds. The last id of each log, as of the moment from which this instance is told of more. */
export const WATCH = script(`
local me, lasting, at = ARGV[1], tonumber(ARGV[2]), now()
local last = {}
for index = 1, #KEYS / 2 do
  local watch = KEYS[index * 2]
  redis.call('ZREMRANGEBYSCORE', watch, '-inf', at)
  redis.call('ZADD', watch, at + lasting, me)
  redis.call('PEXPIRE', watch, lasting * 2)
  local _, _, id = lastOf(KEYS[index * 2 - 1])
  last[index] = id
end
return last
`);

/** KEYS: log, own and watch of each. ARGV: this instance, seconds to live, then of each its conversation, epoch, last id and the id up to which its log may go (or ''). */
export const HEADS = script(`
local me, seconds, at = ARGV[1], ARGV[2], now()
for index = 1, #KEYS / 3 do
  local log, own, watch = KEYS[index * 3 - 2], KEYS[index * 3 - 1], KEYS[index * 3]
  local arg = index * 4 - 1
  local owned, holder = ownerOf(own)
  if owned == tonumber(ARGV[arg + 1]) and holder == me then
    redis.call('EXPIRE', log, seconds)
    redis.call('EXPIRE', own, seconds)
    if ARGV[arg + 3] ~= '' then redis.call('XTRIM', log, 'MINID', '~', ARGV[arg + 3]) end
    tell(me, watch, at, ARGV[arg] .. ' ' .. ARGV[arg + 2])
  end
end
announce('heads')
`);
