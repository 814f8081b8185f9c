"""Fourier transforms."""

import numpy as np

times = np.arange(64, dtype=np.float64) / 64
signal = np.sin(2 * np.pi * 5 * times) + 0.5 * np.cos(2 * np.pi * 12 * times)
spectrum = np.fft.rfft(signal)
power = np.abs(spectrum)
print("peaks", [int(each) for each in np.argsort(power)[::-1][:2]], [round(float(each), 6) for each in np.sort(power)[::-1][:2]])
print("back", bool(np.allclose(np.fft.irfft(spectrum), signal)))
print("frequencies", np.fft.rfftfreq(64, d=1 / 64)[:4].tolist())
print("shifted", np.fft.fftshift(np.fft.fftfreq(5)).round(6).tolist())
image = np.outer(np.arange(4, dtype=np.float64), np.ones(3))
print("two", np.round(np.fft.fft2(image), 6).tolist())
odd = np.fft.fft(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))
print("odd", [(round(each.real, 6), round(each.imag, 6)) for each in odd.tolist()])
print("convolution", np.round(np.fft.ifft(np.fft.fft([1.0, 2, 3, 0]) * np.fft.fft([0.0, 1, 0.5, 0])).real, 9).tolist())
