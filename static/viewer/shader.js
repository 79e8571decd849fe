/* The shaders of gl.js: the arithmetic of resample.js, one device pixel at a time.
 *
 * Stored values are read by whole texel coordinates, never filtered by the GPU. `from`
 * and `to` bound the footprint of a device pixel on a minified axis; on a magnified
 * axis the two neighbours share the weight.
 */

export const VERTEX = `#version 300 es
void main() {
  // One triangle that covers the canvas.
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D frame;
uniform usampler2D greys;
uniform ivec2 size;        // of the image as displayed, in pixels
uniform ivec4 span;        // device pixels on the image: left, top, right, bottom
uniform vec2 offset;       // device pixel of the image's corner
uniform vec2 scale;        // device pixels per image pixel
uniform int canvasHeight;
uniform bvec3 turn;        // swap, mirrorColumns, mirrorRows
uniform bool padded;
uniform float unit;        // entries of the table per stored value
out vec4 colour;

struct Taps { int first; int count; float from; float to; float beyond; };

Taps tapsOf(int device, float corner, float zoom, int count) {
  Taps taps;
  if (zoom < 1.0) {
    taps.from = max(0.0, (float(device) - corner) / zoom);
    taps.to = min(float(count), (float(device + 1) - corner) / zoom);
    taps.first = clamp(int(floor(taps.from)), 0, count - 1);
    taps.count = max(1, min(count, int(ceil(taps.to))) - taps.first);
    taps.beyond = -1.0;
  } else {
    float place = (float(device) + 0.5 - corner) / zoom - 0.5;
    place = clamp(place, 0.0, float(count - 1));
    taps.first = int(floor(place + 1e-4));
    taps.beyond = max(0.0, place - float(taps.first));
    if (taps.beyond < 1e-4) taps.beyond = 0.0;
    taps.count = taps.beyond > 0.0 ? 2 : 1;
  }
  return taps;
}

float weightOf(Taps taps, int tap) {
  if (taps.beyond >= 0.0) return tap == 0 ? 1.0 - taps.beyond : taps.beyond;
  float low = max(taps.from, float(taps.first + tap));
  float high = min(taps.to, float(taps.first + tap + 1));
  return max(0.0, high - low) / (taps.to - taps.from);
}

uint stored(int across, int down) {
  ivec2 at = turn.x ? ivec2(down, across) : ivec2(across, down);
  ivec2 last = (turn.x ? size.yx : size) - 1;
  if (turn.y) at.x = last.x - at.x;
  if (turn.z) at.y = last.y - at.y;
  return texelFetch(frame, at, 0).r;
}

void main() {
  ivec2 device = ivec2(gl_FragCoord.xy);
  device.y = canvasHeight - 1 - device.y;
  if (device.x < span.x || device.y < span.y || device.x >= span.z || device.y >= span.w) {
    colour = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  Taps across = tapsOf(device.x, offset.x, scale.x, size.x);
  Taps down = tapsOf(device.y, offset.y, scale.y, size.y);
  float sum = 0.0;
  float cover = 0.0;
  for (int j = 0; j < down.count; j += 1) {
    float line = 0.0;
    float lineCover = 0.0;
    for (int i = 0; i < across.count; i += 1) {
      uint value = stored(across.first + i, down.first + j);
      float weight = weightOf(across, i);
      line += weight * float(value);
      if (value != 0u) lineCover += weight;
    }
    float weight = weightOf(down, j);
    sum += weight * line;
    cover += weight * lineCover;
  }
  float value = sum;
  if (padded) value = cover < 0.4999 ? 0.0 : sum / cover;
  int entry = clamp(int(floor(value * unit + 0.5)), 0, 65535);
  uint grey = texelFetch(greys, ivec2(entry & 255, entry >> 8), 0).r;
  colour = vec4(vec3(float(grey) / 255.0), 1.0);
}`;
