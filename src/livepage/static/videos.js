"use strict";

// A still becomes the player of the video on a click. Which site it comes from is the reader's choice,
// which the browser remembers.
(() => {
  const KEY = "livepage-video-site";
  const videos = [];

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function remember(site) {
    try {
      localStorage.setItem(KEY, site);
    } catch {
      // It is chosen for this page alone.
    }
  }

  // Returns why a player could not work here, or nothing.
  function obstacle(site) {
    if (!navigator.onLine) return "You are offline.";
    // YouTube refuses a page that cannot say which site it belongs to.
    if (location.protocol === "file:" && site === "youtube") {
      return "YouTube does not play in a page that was opened as a file.";
    }
    return "";
  }

  class Video {
    constructor(root) {
      this.frame = root.querySelector(".video-frame");
      this.title = root.querySelector(".video-title").textContent;
      this.play = root.querySelector(".video-play");
      this.close = root.querySelector(".video-close");
      this.message = root.querySelector(".video-message");
      this.radios = [...root.querySelectorAll("input[type=radio]")];
      this.player = null;
      this.play.addEventListener("click", () => this.start());
      this.close.addEventListener("click", () => this.stop());
      for (const radio of this.radios) {
        radio.addEventListener("change", () => this.chosen(radio));
      }
      this.choose(remembered());
      root.classList.add("live");
    }

    choose(site) {
      const radio = this.radios.find((candidate) => candidate.value === site);
      if (radio) radio.checked = true;
    }

    chosen(radio) {
      remember(radio.value);
      for (const video of videos) video.choose(radio.value);
      if (this.player) this.load();
    }

    start() {
      this.load();
      this.player?.focus();
    }

    load() {
      this.empty();
      const radio = this.radios.find((candidate) => candidate.checked);
      const name = radio.parentElement.textContent;
      const ways = this.radios.length > 1 ? "choose the other site, or follow a link" : "follow the link";
      const problem = obstacle(radio.value);
      if (problem) {
        this.message.textContent = `${problem} The video was not loaded: ${ways}.`;
        return;
      }
      this.message.textContent = `The player comes from ${name}. If it stays empty, that site cannot be `
        + `reached from here: ${ways}.`;
      this.player = document.createElement("iframe");
      this.player.title = `${this.title}, on ${name}`;
      this.player.allow = "autoplay; fullscreen; picture-in-picture";
      this.player.allowFullscreen = true; // for browsers that do not read it above
      this.player.referrerPolicy = "strict-origin-when-cross-origin"; // YouTube does not play for less
      this.player.src = radio.dataset.player;
      this.frame.append(this.player);
      this.play.hidden = true;
      this.close.hidden = false;
    }

    stop() {
      this.empty();
      this.play.focus();
    }

    empty() {
      this.player?.remove();
      this.player = null;
      this.message.textContent = "";
      this.play.hidden = false;
      this.close.hidden = true;
    }
  }

  for (const root of document.querySelectorAll("figure.video")) {
    videos.push(new Video(root));
  }
})();
