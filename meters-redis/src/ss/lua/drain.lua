-- Takes the counts out for one who reports them. KEYS: counts, periodstart, pending, claim, last
-- ARGV: id, claim time, how long a period is taken to have been where nothing tells its start; milliseconds
-- Returns now, and 1 with start, end, deadline, attempt, counts; 0 where there are none; -1 where they are another's.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local function text(number) return string.format('%.0f', number) end
-- What Python wrote, in seconds; none where it is no time that was.
local function micros(key)
  local seconds = tonumber(redis.call('GET', key))
  if seconds and seconds > 0 and seconds * 1000000 <= now then return math.floor(seconds * 1000000 + 0.5) end
end
-- A write that needs no memory goes first: then a full server lets the others pass.
redis.call('PERSIST', KEYS[1])
local deadline = now + tonumber(ARGV[2]) * 1000
local start, attempt = now - tonumber(ARGV[3]) * 1000, 1
-- Before the counts move: what fails in between leaves a claim of nothing, which is no claim.
local function claim()
  redis.call('HSET', KEYS[4], 'id', ARGV[1], 'start', text(start), 'end', text(now), 'deadline', text(deadline),
    'attempt', attempt)
end
if redis.call('HLEN', KEYS[3]) > 0 then
  local c = redis.call('HMGET', KEYS[4], 'id', 'start', 'end', 'deadline', 'attempt')
  if c[1] and c[2] and c[3] and c[4] and c[5] then
    local mine = c[1] == ARGV[1]
    if not mine and now < tonumber(c[4]) then return {text(now), -1} end
    attempt = tonumber(c[5])
    -- The same owner asks again where the answer was lost.
    if not mine then
      attempt = attempt + 1
      redis.call('HSET', KEYS[4], 'id', ARGV[1], 'deadline', text(deadline), 'attempt', attempt)
    else
      deadline = tonumber(c[4])
    end
    return {text(now), 1, c[2], c[3], text(deadline), attempt, redis.call('HGETALL', KEYS[3])}
  end
  -- An orphan whose claim was evicted: nothing tells its period any more, nor what became of it.
  attempt = 2
  claim()
elseif redis.call('HLEN', KEYS[1]) == 0 then
  redis.call('SET', KEYS[2], string.format('%d.%06d', t[1], t[2]))
  return {text(now), 0}
else
  start = micros(KEYS[2]) or micros(KEYS[5]) or start
  claim()
  redis.call('SET', KEYS[5], string.format('%d.%06d', t[1], t[2]))
  redis.call('RENAME', KEYS[1], KEYS[3])
  redis.call('SET', KEYS[2], string.format('%d.%06d', t[1], t[2]))
end
return {text(now), 1, text(start), text(now), text(deadline), attempt, redis.call('HGETALL', KEYS[3])}
