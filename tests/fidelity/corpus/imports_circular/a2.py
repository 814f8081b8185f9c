from b import late
