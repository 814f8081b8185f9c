from ctypes import c_byte, c_char_p, c_int, c_ulong, c_ushort, c_void_p, c_wchar_p

BYTE, BOOL, INT, WORD, DWORD = c_byte, c_int, c_int, c_ushort, c_ulong
HANDLE = HWND = HMODULE = LPVOID = LPCVOID = c_void_p
LPSTR = LPCSTR = c_char_p
LPWSTR = LPCWSTR = c_wchar_p
