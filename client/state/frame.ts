/** Joins any number of calls to one run per animation frame. In a hidden tab, which draws no frames, it runs with the next timer. */
export function oncePerFrame(run: () => void): () => void {
  let isDue = false;
  const go = () => {
    isDue = false;
    run();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.visibilityState === 'hidden') setTimeout(go, 0);
    else requestAnimationFrame(go);
  };
}

/** Runs once after so many milliseconds; the result takes it back. */
export function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
