import { start } from '../core/index.ts'
void start('counter')
