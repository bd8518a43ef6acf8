-- ARGV: 'for', how long; or 'backoff', first, cap, jitter. Answers for how long the gate is shut now.
local wait = tonumber(ARGV[2])
if ARGV[1] == 'backoff' then
    local strikes = gate.strikes or 0
    wait = math.min(wait * 2 ^ math.min(strikes, 62) * (1 + tonumber(ARGV[4])), tonumber(ARGV[3]))
    gate.strikes = strikes + 1
end
gate.closed_until = math.max(gate.closed_until or 0, now + wait)
changed = true
save()
return gate.closed_until - now
