// What is live: levers answer under the hand. Without this file every page works by its buttons.
const wait = 120;
for (const form of document.querySelectorAll("form[data-live]")) {
  const place = document.querySelector(form.dataset.live);
  let timer = 0;
  let asked = new AbortController();
  // What a hand has opened or closed stays so, and what somebody writes stays there.
  const by_hand = new Map();
  place.addEventListener("click", (event) => {
    const list = event.target.closest("summary")?.parentElement;
    if (list) by_hand.set(list.dataset.kept, !list.open);
  });
  const put = (part) => {
    const written = place.querySelector("#title")?.value;
    const focus = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.innerHTML = part.innerHTML;
    for (const list of place.querySelectorAll("[data-kept]")) {
      list.open = by_hand.get(list.dataset.kept) ?? list.open;
    }
    const field = place.querySelector("#title");
    if (field && written) field.value = written;
    if (focus) document.getElementById(focus)?.focus();
  };
  const ask = async (where, busy) => {
    asked.abort();
    asked = new AbortController();
    if (busy) place.setAttribute("aria-busy", "true");
    if (stop) stop.hidden = false;
    let stands = !busy;
    try {
      let next = where;
      while (next) {
        // The rest of the page stands already.
        const part_of = new URL(next, location.href);
        part_of.searchParams.set("part", "answer");
        const page = await fetch(part_of, { signal: asked.signal, credentials: "same-origin" });
        const found = new DOMParser().parseFromString(await page.text(), "text/html");
        const part = found.querySelector(form.dataset.live)
          ?? (stands ? null : found.querySelector("main"));
        if (!part) break; // no proof: the best plan so far stands, and says that it is that
        put(part);
        history.replaceState(null, "", part.dataset.address ?? where);
        // The best plan so far stands; its proof takes longer and comes after.
        next = place.querySelector("[data-again]")?.dataset.again;
        place.removeAttribute("aria-busy");
        stands = true;
      }
      done();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (stands) done();
      else form.submit();
    }
  };
  const answer = () => ask(`${form.action}?${new URLSearchParams(new FormData(form))}`, true);
  const stop = form.querySelector("[data-stop]");
  const done = () => {
    place.removeAttribute("aria-busy");
    place.querySelector("[data-again]")?.remove(); // nobody works on the proof any more
    if (stop) stop.hidden = true;
  };
  // Who goes away, or asks for something else, ends the solve on the server.
  stop?.addEventListener("click", () => {
    clearTimeout(timer);
    asked.abort();
    done();
    form.querySelector("button").focus();
  });
  form.addEventListener("input", (event) => {
    const slide = event.target;
    if (slide.type === "range") {
      const number = new Intl.NumberFormat(document.documentElement.lang).format(slide.value);
      form.querySelector(`output[for="${slide.id}"]`).textContent = number;
      if (slide.dataset.pulls) document.getElementById(slide.dataset.pulls).checked = true;
    }
    clearTimeout(timer);
    timer = setTimeout(answer, wait);
  });
  // The page came with the best plan so far: what is shown stays until its proof is there.
  const proof = place.querySelector("[data-again]");
  if (proof) ask(proof.dataset.again, false);
  // A hand that lets go is done; keys may come again at once.
  let held = false;
  form.addEventListener("pointerdown", () => { held = true; });
  form.addEventListener("keydown", () => { held = false; });
  form.addEventListener("change", (event) => {
    if (!held || event.target.type !== "range") return;
    held = false;
    clearTimeout(timer);
    answer();
  });
}

// What is worked on and watched: its part of the page comes anew whenever it has changed.
const watch = (place) => {
  const said = document.getElementById("said");
  const told = new EventSource(place.dataset.watch);
  told.onmessage = (event) => {
    place.innerHTML = event.data;
    const phase = place.querySelector("[data-say]")?.textContent ?? "";
    if (phase && said.textContent !== phase) said.textContent = phase;
  };
  told.addEventListener("over", async () => {
    told.close();
    // It says that no person asks: what was stopped meanwhile stays so.
    const page = await fetch(place.dataset.itself ?? location.href, { credentials: "same-origin" });
    const found = new DOMParser().parseFromString(await page.text(), "text/html");
    const main = document.getElementById("main");
    const end = found.getElementById("said").textContent;
    main.innerHTML = found.getElementById("main").innerHTML;
    // Said after the region stands, so that it is heard.
    const region = document.getElementById("said");
    region.textContent = "";
    setTimeout(() => { region.textContent = end; }, 100);
    const next = main.querySelector("[data-watch]");
    if (next) watch(next);
    else main.focus();
  });
};
document.querySelectorAll("[data-watch]").forEach(watch);

// Files that are dropped on a form are those of its field.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const field = form.querySelector(form.dataset.drop);
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    field.files = event.dataTransfer.files;
    field.focus();
  });
}
