/**
 * A pretend part that stands on a development dependency. Production leaves those out, and the demo then goes on without it.
 * @param open imports the part by name at run time
 * @returns null where the package is not installed
 */
export async function ifBrought<Part>(open: () => Promise<Part>): Promise<Part | null> {
  try {
    return await open()
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ERR_MODULE_NOT_FOUND') return null
    throw fault
  }
}
