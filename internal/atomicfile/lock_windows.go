package atomicfile

import (
	"fmt"
	"os"
	"syscall"
)

// locks is false: a file that is open for writing cannot be told from others without opening it.
const locks = false

func hold(*os.File) error { return nil }

// Lock opens the file path so that nobody else can open it until release is called or the process ends.
func Lock(path string) (release func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	const sharingViolation = syscall.Errno(32)
	if err == sharingViolation {
		return nil, fmt.Errorf("%s: %w", path, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { syscall.CloseHandle(h) }, nil
}
