"""Which of the selected rules may speak of a file, told without libcst: a file that none may speak
of is done with; of any other libcst is shown what they may ask about.

Each stage costs more than the one before, and sees fewer files. `declaration` is what a rule says
in its own file, and `screens` the table of that. `text` asks the bytes: of the whole file
(`prefilter`; `typed` and `discarded` for streams that are dropped, `building` for builders), then
which async functions hold the words of what is asked (`functions`, by `wording` and `extents`), and
cuts these out (`blocks`). Of most shapes the words decide; for the others `parsed` asks the `ast`
of these functions (`facts`, in one pass, `conditions`), and holds what is seen against the table
(`candidates`). `slices` overwrites the rest of the file, so that every offset stays what it was.

A stage may say yes too often, never no wrongly; where it is not certain, the next one decides.
"""
