-- The server's clock, of the node that holds these keys. KEYS: cfg
local t = redis.call('TIME')
return {t[1] * 1000 + math.floor(t[2] / 1000)}
