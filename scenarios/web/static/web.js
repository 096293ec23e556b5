// What is live: levers answer under the hand. Without this file every page works by its buttons.
const wait = 250;
for (const form of document.querySelectorAll("form[data-live]")) {
  let timer = 0;
  let asked = new AbortController();
  const answer = async () => {
    asked.abort();
    asked = new AbortController();
    const where = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const place = document.querySelector(form.dataset.live);
    place.setAttribute("aria-busy", "true");
    try {
      const page = await fetch(where, { signal: asked.signal, credentials: "same-origin" });
      const found = new DOMParser().parseFromString(await page.text(), "text/html");
      const part = found.querySelector(form.dataset.live) ?? found.querySelector("main");
      place.innerHTML = part.innerHTML;
      history.replaceState(null, "", where);
      place.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name !== "AbortError") form.submit();
    }
  };
  form.addEventListener("input", (event) => {
    const slide = event.target;
    if (slide.type === "range") {
      const number = new Intl.NumberFormat(document.documentElement.lang).format(slide.value);
      form.querySelector(`output[for="${slide.id}"]`).textContent = number;
      document.getElementById(slide.dataset.pulls).checked = true;
    }
    clearTimeout(timer);
    timer = setTimeout(answer, wait);
  });
}
