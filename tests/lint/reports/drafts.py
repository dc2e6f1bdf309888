"""A writer with a blocking and an async form."""


class Writer:
    def drafts(self, text):
        for word in text.split():
            yield self.better(word)

    async def write(self, text):
        async for draft in self.drafts(text):  # error: FP705
            yield draft
