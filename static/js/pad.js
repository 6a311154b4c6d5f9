// A signature drawn on the page becomes a picture and is sent like any file; coordinates come from the telephone.

export function start() {
  document.querySelectorAll("[data-pad][hidden]").forEach(pad);
  document.querySelectorAll("[data-locate][hidden]").forEach(locate);
}

function pad(place) {
  const canvas = place.querySelector("canvas");
  const ink = canvas.getContext("2d");
  const clear = () => { ink.fillStyle = "#fff"; ink.fillRect(0, 0, canvas.width, canvas.height); place.dataset.drawn = ""; };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
  };
  clear();
  place.hidden = false;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    ink.lineWidth = 3;
    ink.lineCap = "round";
    ink.strokeStyle = "#111";
    ink.beginPath();
    ink.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    ink.lineTo(...at(event));
    ink.stroke();
    place.dataset.drawn = "yes";
  });
  place.querySelector("[data-pad-clear]").addEventListener("click", clear);
  place.querySelector("[data-pad-use]").addEventListener("click", () => {
    if (!place.dataset.drawn) return;
    canvas.toBlob((picture) => {
      const sent = new DataTransfer();
      sent.items.add(new File([picture], place.dataset.name, { type: "image/png" }));
      const input = document.getElementById(place.dataset.pad);
      input.files = sent.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, "image/png");
  });
}

function locate(button) {
  if (!navigator.geolocation) return;
  const input = document.getElementById(button.dataset.locate);
  const status = button.parentElement.querySelector("[data-locate-status]");
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = status.dataset.asking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      input.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      status.textContent = "";
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, () => { status.textContent = status.dataset.failed; }, { enableHighAccuracy: true, timeout: 15000 });
  });
}
