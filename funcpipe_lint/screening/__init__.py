"""Which of the selected rules may speak of a file, told without libcst: a file that none may speak
of is done with.

Each stage costs more than the one before, and sees fewer files: `prefilter` (words in the bytes) ->
`functions` (the async functions that hold the words of what is asked, by `wording` and `extents`)
-> `blocks` (these, cut out and parsed) -> `frames`, `facts` (one pass over their `ast`) with
`words` and `aliases` (what a name of the file may stand for) -> `shapes`, `strict`, `calls`,
`orphans` -> `candidates`, which holds them against the table `screens`. Two ask the bytes of the
whole file: `typed` and `discarded` for streams that are dropped, `building` and `describing` for
builders.
`opting` tells modules of Results, `spelling` files that no screen can read.

A stage may say yes too often, never no wrongly; where it is not certain, the next one decides.
"""
