// The number of pixels that differ between two PNG pictures in Base64. Edges that are smoothed may differ by 2 of 255: the
// browser paints tiles in any order.
async (pictures) => {
  const [one, other] = await Promise.all(pictures.map(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (sign) => sign.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  }));
  const differing = new Set();
  one.forEach((value, at) => {
    if (Math.abs(value - other[at]) > 2) differing.add(Math.floor(at / 4));
  });
  return one.length === other.length ? differing.size : one.length;
}
