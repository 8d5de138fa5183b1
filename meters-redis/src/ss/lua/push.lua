-- Adds to counts, once. KEYS: counts, periodstart, writer. ARGV: seq, ttl of writer, then field and events, each
-- Returns 1, or 0 where it was done before, and the places of fields that hold no number, or would hold one too large.
local function refused(answer)
  return string.find(answer.err, 'not an integer') or string.find(answer.err, 'overflow')
end
local last = tonumber(redis.call('GET', KEYS[3])) or 0
if last >= tonumber(ARGV[1]) then return {0, {}} end
-- What refuses everything, as a lack of rights, refuses this, before anything is done.
local try = redis.pcall('HINCRBY', KEYS[1], ARGV[3], 0)
if type(try) == 'table' and try.err and not refused(try) then return try end
local t = redis.call('TIME')
redis.call('SET', KEYS[2], string.format('%d.%06d', t[1], t[2]), 'NX')
-- The number before the counts: a failure between them would add twice, were it the other way round.
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
local places = {}
for i = 3, #ARGV, 2 do
  local answer = redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
  if type(answer) == 'table' and answer.err then places[#places + 1] = (i - 3) / 2 end
end
return {1, places}
