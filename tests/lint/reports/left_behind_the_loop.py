"""Sounds are mixed by tasks, which are ended behind the loop."""

import asyncio


class Mixer:
    async def _shutdown(self):
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def sounds(self):
        while True:
            try:
                sound = await self.queue.get()
            except asyncio.CancelledError:
                await self._shutdown()
                raise
            if sound is None:
                break
            yield sound
        await self._shutdown()  # error: FP311
