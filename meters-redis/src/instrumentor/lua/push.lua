-- Changes fields, once. KEYS: namespace, writer
-- ARGV: seq, ttl of writer in ms, a field that was there or '', then how, field, value, each; how is
--   i  add, a whole number where both are     f  add     s  set     n  set where nothing is
-- Returns 1, or 0 where it was done before; 1 where the field is gone; the places of fields that hold no number.
local gone = 0
-- What refuses everything, as a lack of rights or of memory, refuses this, before anything is done.
if redis.call('HEXISTS', KEYS[1], ARGV[3]) == 0 and ARGV[3] ~= '' then gone = 1 end
local last = tonumber(redis.call('HGET', KEYS[2], 'seq') or 0)
if last >= tonumber(ARGV[1]) then return {0, gone, {}} end
redis.call('HSETNX', KEYS[2], 'seq', '0')
redis.call('HINCRBY', KEYS[2], 'whole', 0)
redis.call('HINCRBYFLOAT', KEYS[2], 'float', 0)
-- The number before the counts: a failure between them would add twice, were it the other way round.
redis.call('HSET', KEYS[2], 'seq', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local places = {}
local function failed(answer) return type(answer) == 'table' and answer.err end
for i = 4, #ARGV, 3 do
  local how, field, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if how == 's' then
    redis.call('HSET', KEYS[1], field, value)
  elseif how == 'n' then
    redis.call('HSETNX', KEYS[1], field, value)
  -- A field that became a float, or too large for a whole number, is one from then on.
  elseif how == 'f' or failed(redis.pcall('HINCRBY', KEYS[1], field, value)) then
    if failed(redis.pcall('HINCRBYFLOAT', KEYS[1], field, value)) then places[#places + 1] = (i - 4) / 3 end
  end
end
return {1, gone, places}
