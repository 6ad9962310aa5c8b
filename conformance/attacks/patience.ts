/** How long a race is tried for, each: some hundred attempts; $ATTACK_SECONDS for more (npm run test:attacks). */
export const seconds = Number(process.env['ATTACK_SECONDS'] ?? '0.7');
