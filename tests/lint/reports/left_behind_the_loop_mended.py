"""Sounds are mixed by tasks, which are ended behind the loop."""

import asyncio


class Mixer:
    async def _shutdown(self):
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def sounds(self):
        try:
            while (sound := await self.queue.get()) is not None:
                yield sound
        finally:
            await self._shutdown()
