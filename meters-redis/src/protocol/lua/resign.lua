-- Leads no longer, and lets whoever asks next. KEYS: lease. ARGV: owner. Returns whether it led
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
redis.call('UNLINK', KEYS[1])
return {1}
