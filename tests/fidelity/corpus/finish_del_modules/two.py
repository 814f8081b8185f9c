import one

thing = one.Said("of two")
function = lambda: thing
