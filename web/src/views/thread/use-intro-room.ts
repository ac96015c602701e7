import { useCallback, useState } from 'react';

/** Room above the first message for its introduction or for the sign that older ones are coming. */
const leastRoom = 208;
const air = 8;

/** The room that stands above the first message: enough for whatever introduces it. */
export function useIntroRoom() {
  const [room, setRoom] = useState(leastRoom);
  const measure = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const fit = () => setRoom(Math.max(leastRoom, element.offsetHeight + air));
    fit();
    const resized = new ResizeObserver(fit);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  return { room, measure };
}
