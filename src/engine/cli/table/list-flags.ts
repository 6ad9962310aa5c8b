// Flags that all listing commands have (format/show-rows.ts, filters.ts).
import type { EngineFlag } from '../command.js';

export const formatFlag: EngineFlag = {
  name: 'format',
  type: 'string',
  value: 'string',
  description: "Format output using a Go template: 'table', 'table TEMPLATE', 'json', 'TEMPLATE'",
};

export const quietFlag = (description: string): EngineFlag => ({ name: 'quiet', short: 'q', type: 'boolean', description });

export const noTruncFlag: EngineFlag = { name: 'no-trunc', type: 'boolean', description: "Don't truncate output" };

export const filterFlag = (description = 'Filter output based on conditions provided'): EngineFlag => ({
  name: 'filter',
  short: 'f',
  type: 'list',
  value: 'filter',
  description,
});
