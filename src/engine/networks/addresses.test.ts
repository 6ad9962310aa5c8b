import t from 'tap';
import {
  freeAddress,
  hardwareAddress,
  overlap,
  isAddress,
  parseAddress,
  parseRoutes,
  parseSubnet,
  showAddress,
  showSubnet,
} from './addresses.js';

t.test('addresses and subnets', (t) => {
  t.equal(showAddress(parseAddress('203.0.113.255')!), '203.0.113.255');
  for (const wrong of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '::1']) t.equal(parseAddress(wrong), null, wrong);
  for (const right of ['1.2.3.4', '::', '::1', 'fe80::1:2', '1:2:3:4:5:6:7:8', '1::']) t.ok(isAddress(right), right);
  for (const wrong of ['x', '', ':', ':1', '1:', '1:2', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7:8:9', '1:2::3:4:5:6:7:8'])
    t.notOk(isAddress(wrong), wrong);
  t.equal(showSubnet(parseSubnet('10.1.2.3/16')), '10.1.0.0/16');
  for (const wrong of ['10.1.0.0', '10.1.0.0/33', '10.1.0.0/8/8', 'x/8'])
    t.throws(() => parseSubnet(wrong), { message: `invalid CIDR address: ${wrong}` });
  t.ok(overlap(parseSubnet('10.0.0.0/8'), parseSubnet('10.9.0.0/16')));
  t.ok(overlap(parseSubnet('10.9.0.0/16'), parseSubnet('10.0.0.0/8')), 'whichever is the larger');
  t.notOk(overlap(parseSubnet('10.8.0.0/16'), parseSubnet('10.9.0.0/16')));
  t.equal(hardwareAddress(parseAddress('10.90.0.2')!), '02:42:0a:5a:00:02');
  t.end();
});

t.test('the lowest free address', (t) => {
  const subnet = parseSubnet('10.1.0.0/30');
  const taken = (...texts: readonly string[]): Set<number> => new Set(texts.map((text) => parseAddress(text)!));
  t.equal(freeAddress(subnet, subnet, taken('10.1.0.1')), parseAddress('10.1.0.2'));
  t.equal(freeAddress(subnet, subnet, taken('10.1.0.1', '10.1.0.2')), null, 'never the broadcast address');
  const wide = parseSubnet('10.1.0.0/24');
  t.equal(freeAddress(wide, parseSubnet('10.1.0.64/30'), taken()), parseAddress('10.1.0.64'), 'in the range');
  t.end();
});

t.test("the kernel's routes", (t) => {
  const text =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n' +
    'eth0\t00005A0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
  t.same(parseRoutes(text).map(showSubnet), ['10.90.0.0/16'], 'the default route is nobody’s subnet');
  t.end();
});
