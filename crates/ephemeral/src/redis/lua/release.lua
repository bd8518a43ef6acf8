-- ARGV: token, took, reached, served. Answers 1, or 0 when the lease had ended.
expire()
if gate.token ~= ARGV[1] then
    save()
    return 0
end
local since = gate.held_since
ended(since, math.min(since + tonumber(ARGV[3]), now), now, tonumber(ARGV[2]))
if ARGV[4] == '1' then gate.strikes = nil end
save()
return 1
