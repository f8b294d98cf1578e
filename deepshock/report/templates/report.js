// Draws the charts of the page, in the colours that the reader's system asks for, and in light ones on paper.
(() => {
  const text = document.getElementById("figures").textContent;
  const { palette } = JSON.parse(text);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  // plotly offers to send a chart to its maker's cloud unless told not to: nothing leaves this page.
  const config = {
    displaylogo: false,
    displayModeBar: window.matchMedia("(hover: none), (max-width: 640px)").matches ? false : "hover",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    plotlyServerURL: "",
    responsive: true,
    showSendToCloud: false,
  };

  const figures = (inDark) => {
    const tint = (found) => palette[found] || found;
    return JSON.parse(inDark ? text.replace(/#[0-9a-f]{6}\b/g, tint) : text).charts;
  };

  const draw = (inDark) => {
    const charts = figures(inDark);
    for (const place of document.querySelectorAll("[data-chart]")) {
      const { data, layout } = charts[place.dataset.chart];
      Plotly.react(place, data, layout, config);
    }
  };

  const start = () => {
    draw(dark.matches);
    document.documentElement.dataset.drawn = "yes";
    dark.addEventListener("change", (event) => draw(event.matches));
    window.addEventListener("beforeprint", () => {
      for (const fold of document.querySelectorAll("details")) fold.open = true;
      if (dark.matches) draw(false);
    });
    window.addEventListener("afterprint", () => dark.matches && draw(true));
  };
  requestAnimationFrame(() => setTimeout(start));
})();
