// Reads a picture of the patterns, 48 by 48 pixels each. Returns the pairs of statuses whose patterns differ by a contrast
// of 3 to 1 on less than 4 % of the pixels. Countries that are not selected have no status.
async ({ names, picture }) => {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const linear = (part) => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  const luminances = (at) => {
    const { data } = context.getImageData(48 * at, 0, 48, 48);
    return Array.from({ length: data.length / 4 }, (_, pixel) => {
      const [red, green, blue] = data.subarray(4 * pixel, 4 * pixel + 3);
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    });
  };
  const statuses = names.filter((name) => name !== "out");
  const samples = statuses.map((name) => luminances(names.indexOf(name)));
  const share = (one, other) => {
    const differs = (value, at) => (Math.max(value, other[at]) + 0.05) / (Math.min(value, other[at]) + 0.05) >= 3;
    return one.filter(differs).length / one.length;
  };
  return statuses.flatMap((name, at) => statuses.slice(at + 1).flatMap((other, next) => {
    const found = share(samples[at], samples[at + 1 + next]);
    return found < 0.04 ? [`${name} and ${other} differ on ${Math.round(found * 1000) / 10} %`] : [];
  }));
}
