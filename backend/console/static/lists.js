// Enquiries and hosts: one step at a time, then the page as the server now sees it.
import { post } from "./frame.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.status) {
    const id = button.closest("[data-enquiry]").dataset.enquiry;
    if (await post(`/enquiries/${id}`, { status: button.dataset.status })) location.reload();
  } else if (button?.dataset.staff) {
    const id = button.closest("[data-host]").dataset.host;
    if (await post(`/staff/${id}/${button.dataset.staff}`)) location.reload();
  }
});

document.getElementById("add-host")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const body = {
    username: form.get("username").trim().toLowerCase(), password: form.get("password"), alias: form.get("alias").trim(),
    role: form.get("role"), municipality: form.get("municipality"), channels: form.getAll("channels"), peer: form.has("peer"),
  };
  if (await post("/staff", body)) location.reload();
});
