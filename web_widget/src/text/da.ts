/** Every Danish word of the widget's own; what bot, hosts and municipalities say comes from the server. */

export const launcher = {
  open: "Skriv med os",
  close: "Skjul samtalen",
  help: "Akut hjælp",
  unread: "Der er nyt til dig",
  panel: "Samtale",
  opening: "Åbner samtalen …",
  failed: "Samtalen kan ikke åbne lige nu. Du kan ringe her:",
  retry: "Prøv igen",
  exit: "Luk hurtigt",
  back: "Luk",
} as const;

export const help = {
  title: "Akut hjælp",
  human: "Tal med et menneske",
  humanLead: "Chatten kan ikke give dig en vært lige nu. Her kan du ringe til et menneske med det samme.",
  back: "Luk",
} as const;

export const crisisMore = {
  sms: (number: string) => `Send sms til ${number}`,
  site: "Åbn hjemmeside",
} as const;

export const crisis = {
  call: "Ring til ",
  steps: "Det kan du gøre",
  checked: (date: string) => `Numrene er kontrolleret ${date}.`,
  hours: {
    always: "Åbent døgnet rundt",
    until: (time: string) => `Åbent nu, til kl. ${time}`,
  },
} as const;

export const places: Record<string, string> = { rodovre: "Rødovre", ballerup: "Ballerup" };

export const regions = { header: "Om samtalen", main: "Samtale" } as const;

export const header = {
  title: "Indgang",
  headspace: "headspace",
  starting: "Åbner samtalen …",
  bot: "Du skriver med en robot, ikke et menneske",
  queue: (position: number | null) => (position ? `Du venter på en vært, nr. ${position} i køen` : "Du venter på en vært"),
  host: (alias: string | null) => (alias ? `Du skriver med ${alias}, vært og menneske` : "Du skriver med en vært, et menneske"),
  nobody: "Du har ikke forbindelse til nogen lige nu",
  human: "Tal med et menneske",
  help: "Akut hjælp",
  exit: "Luk hurtigt",
  exitHint: "Lukker siden med det samme. Du kan også trykke Escape tre gange.",
  minimise: "Skjul samtalen",
} as const;

export const banner = {
  reconnecting: "Forbindelsen er væk. Vi forbinder igen …",
  again: "Prøv nu",
  start: "Samtalen kan ikke åbne lige nu. Vi prøver igen af os selv.",
  send: "Din besked er ikke kommet frem endnu. Vi prøver igen af os selv.",
  call: "Det lykkedes ikke. Prøv igen om lidt.",
  idle: "Er du her stadig? Ellers rydder vi skærmen om lidt, så ingen andre kan læse med.",
  here: "Ja, jeg er her",
} as const;

export const messages = {
  log: "Samtalen",
  you: "Dig",
  bot: "Robot",
  host: (alias: string | null) => (alias ? `${alias}, vært` : "Vært"),
  system: "Besked fra siden",
  choices: "Svar, du kan vælge",
  sending: "Sender …",
  sent: "Sendt",
  retrying: "Ikke sendt endnu. Prøver igen …",
  failed: "Ikke sendt",
  retry: "Prøv igen",
  typingBot: "Robotten skriver …",
  typingHost: (alias: string | null) => `${alias ?? "Værten"} skriver …`,
  newer: "Gå til det nyeste",
} as const;

export const composer = {
  label: "Skriv din besked",
  placeholder: "Skriv her …",
  send: "Send",
  left: (count: number) => `${count} tegn tilbage`,
  over: (count: number) => `${count} tegn for langt. Del det gerne i to beskeder.`,
  hint: "Skriv ikke navn, adresse eller CPR.",
  erase: "Afslut og slet",
  closed: "Samtalen er slut. Du er altid velkommen igen.",
  gone: "Samtalen findes ikke længere. Det, du skrev, er slettet her hos dig. Du kan starte en ny.",
  erased: (at: string) => (at ? `Samtalen blev slettet ${at}.` : "Samtalen er slettet."),
  cancelled: (count: number) => (count === 1 ? "Din aftale er aflyst." : `Dine ${count} aftaler er aflyst.`),
  resting: "Skærmen er ryddet, fordi der ikke skete noget i et stykke tid.",
  again: "Start en ny samtale",
} as const;

export const erase = {
  title: "Vil du slette samtalen?",
  text: "Alt, du har skrevet her, bliver slettet. Det kan ikke fortrydes. Har du en aftale, bliver den aflyst.",
  yes: "Ja, slet det hele",
  no: "Nej, behold samtalen",
  failed: "Det lykkedes ikke at slette lige nu. Prøv igen om lidt.",
} as const;

export const queue = {
  place: (position: number | null) => (position ? `Du er nr. ${position} i køen` : "Du er i køen"),
  text: "Bliv bare her. Du kan godt skrive imens, så kan værten læse det. Vi giver en blød lyd, når værten er klar.",
  titleReady: "En vært er klar",
  title: "Chat",
} as const;

export const cards = {
  slots: "Ledige tider",
  appointment: "Din aftale",
  enquiry: "Din henvendelse",
  whatHappens: "Hvad sker der",
  forWhom: "For hvem",
  cost: "Pris",
  anonymous: "Anonymt",
  yes: "Ja, du kan være anonym",
  no: "Nej, ikke helt anonymt",
  address: "Sted",
  call: (number: string) => `Ring ${number}`,
  sms: (number: string) => `Sms ${number}`,
  site: "Hjemmeside",
  chat: "Chat",
  map: "Vis på kort",
  save: "Gem på telefonen",
  share: "Kopiér",
  shareDoor: "Kopiér og del",
  more: "Mere om døren",
  makeGift: "Lav et kort",
  giftFailed: "Det lykkedes ikke. Prøv igen om lidt.",
  shared: "Kopieret",
  shareFailed: "Kunne ikke kopiere",
  open: "Åben nu",
  closed: "Lukket nu",
  unknownHours: "Åbningstiden er ikke bekræftet",
  unverified: "Ikke bekræftet. Ring først.",
  checked: (date: string) => `Kontrolleret ${date}`,
  reference: "Kode",
  keepCode: "Gem koden. Du skal bruge den for at flytte, aflyse eller følge op.",
  with: "Med",
  where: "Sted",
  how: "Sådan kommer du ind",
  when: "Tid",
  form: "Form",
  forms: { chat: "Chat", phone: "Telefon", video: "Video", in_person: "Ansigt til ansigt" } as Record<string, string>,
  calendar: "Læg i kalender",
  video: "Åbn videoen",
  manage: "Flyt eller aflys",
  cancelled: "Aflyst",
  copyCode: "Kopiér kode",
} as const;
