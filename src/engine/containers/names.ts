// Names for containers without one: an adjective and a thing.
import type { Engine } from '../engine.js';

const adjectives = `amber brave bright brisk calm clever cosy crisp curious eager early fair fancy fleet fond fresh gentle glad
  golden grand happy hidden honest jolly keen kind lively lucky mellow merry mighty misty modest neat nimble noble patient plucky
  polite proud quick quiet rapid ready rosy serene shiny silent silver simple sleek smart snowy steady still sunny swift tender
  tidy vivid warm wise witty young zesty`.split(/\s+/);

const things = `acorn anchor apple arrow badger basin beacon birch brook canyon cedar cliff cloud clover comet coral crane creek
  daisy delta dune eagle ember falcon fern finch fjord flint forest fox garnet geyser glade grove harbor hawk hazel heron hill
  island ivy jasper lake lantern larch lark lynx maple marble meadow mill moss oak olive orchid otter owl pebble pine pond poplar
  quail quartz raven reef ridge river robin sage shell shore spring spruce star stone summit swan thicket tide trail valley walnut
  willow wren`.split(/\s+/);

export function randomName({ host }: Engine, attempt: number): string {
  const [first = 0, second = 0, third = 0] = host.readAt('/dev/urandom', 0, 3);
  const name = `${adjectives[first % adjectives.length]!}_${things[second % things.length]!}`;
  // As in docker: adds a number once names get scarce.
  return attempt === 0 ? name : `${name}${(third + 1) * attempt}`;
}
