-- Who may lead: an optimisation, nothing is exact by it. KEYS: lease, ep, cfg, srv
-- ARGV: owner, ttl of lease, 1 if it led until now, ttl of cfg and srv, what changes when the server starts again or nothing. Returns whether it leads, epoch, now, since when the server is known to be the same
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = string.format('%.0f-%s', now, ARGV[1])
  redis.call('SET', KEYS[2], epoch)
end
local holder, mine = redis.call('GET', KEYS[1]), 0
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  mine = 1
elseif not holder then
  -- Soon after everything was lost, only who led before may lead: it alone knows what it has reported.
  local born = tonumber(string.match(epoch, '^%d+')) or 0
  if ARGV[3] == '1' or now >= born + tonumber(ARGV[2]) then
    -- A write that needs no memory goes first: then a full server lets the others pass.
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    mine = 1
  end
end
if mine == 1 then redis.call('PEXPIRE', KEYS[3], ARGV[4]) end
local since = now
if ARGV[5] ~= '' then
  redis.call('PEXPIRE', KEYS[4], ARGV[4])
  local known, at = string.match(redis.call('GET', KEYS[4]) or '', '^(%S*) (%d+)$')
  if known == ARGV[5] then
    since = tonumber(at)
  else
    redis.call('SET', KEYS[4], ARGV[5] .. ' ' .. string.format('%.0f', now), 'PX', ARGV[4])
  end
end
return {mine, epoch, now, since}
