-- Makes an open bucket one owner's batch. KEYS: o, b, open, claims, c, hw, ep, marks, counts. ARGV: bid, owner, period, claim time,
-- server, how many seconds it has to mark its requests in. Returns 1 and the claim, 0 if there is no bucket, -1 if the claim is another's. Asked again under the same bid, it
-- answers the same.
local t = redis.call('TIME')
local at = t[1] * 1000000 + t[2]
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local epoch = redis.call('GET', KEYS[7]) or ''
local c = redis.call('HMGET', KEYS[5], 'owner', 'at', 'deadline', 'late', 'mark')
if c[1] then
  if c[1] ~= ARGV[2] then return {-1, epoch, now} end
  return {1, epoch, now, c[2], tonumber(c[3]), tonumber(c[4]), tonumber(c[5]) or 0}
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  -- Nobody claimed it in time, and it was too old.
  if redis.call('ZREM', KEYS[3], ARGV[3]) == 1 then redis.call('HINCRBY', KEYS[9], 'expired', 1) end
  return {0, epoch, now}
end
local hw = tonumber(redis.call('GET', KEYS[6]))
local late = 0
if hw and hw >= tonumber(ARGV[3]) then late = 1 end
local deadline = now + tonumber(ARGV[4])
-- Seconds that no other claim ever had: after a loss of all, those a minute ahead. Not far ahead: CloudWatch would refuse.
local mark, seconds = 0, tonumber(ARGV[6])
if seconds > 0 then
  local second = math.floor(now / 1000)
  mark = math.max(second, tonumber(redis.call('GET', KEYS[8])) or second + 60)
  if mark > second + 3600 then mark = 0 end
end
-- PERSIST needs no memory: after it a full server lets the others pass. RENAME last but one: what fails before it loses nothing.
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[5], 'owner', ARGV[2], 'at', string.format('%.0f', at), 'deadline', string.format('%.0f', deadline),
  'period', ARGV[3], 'attempt', '1', 'server', ARGV[5], 'late', late)
if mark > 0 then
  redis.call('HSET', KEYS[5], 'mark', string.format('%.0f', mark))
  redis.call('SET', KEYS[8], string.format('%.0f', mark + seconds))
end
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
if late == 0 then redis.call('SET', KEYS[6], ARGV[3]) end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[3])
return {1, epoch, now, string.format('%.0f', at), deadline, late, mark}
