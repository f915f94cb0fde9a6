//go:build cgo && glfw && (linux || windows)

package main

import (
	"fmt"
	"strings"

	gpu "github.com/go-gl/gl/v4.3-core/gl"
)

// One triangle covers the viewport; the fragments know their place.
const triangle = `#version 430 core
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1); }
`

// panelSource draws a picture of floats straight from the buffer that a kernel wrote.
const panelSource = `#version 430 core
layout(std430, binding = 0) readonly buffer Pixels { float rgb[]; };
layout(location = 0) uniform ivec4 place; // left, bottom, zoom, offset
layout(location = 1) uniform ivec2 size;
out vec4 colour;
void main() {
	ivec2 p = min((ivec2(gl_FragCoord.xy) - place.xy) / place.z, size - 1);
	int i = place.w + 3 * ((size.y - 1 - p.y) * size.x + p.x);
	colour = vec4(rgb[i], rgb[i + 1], rgb[i + 2], 1);
}
`

const letterSource = `#version 430 core
layout(binding = 0) uniform sampler2D page;
out vec4 colour;
void main() {
	ivec2 p = ivec2(gl_FragCoord.xy);
	colour = texelFetch(page, ivec2(p.x, textureSize(page, 0).y - 1 - p.y), 0);
}
`

// program compiles a fragment shader behind the triangle.
func program(fragment string) (uint32, error) {
	p := gpu.CreateProgram()
	for kind, source := range map[uint32]string{gpu.VERTEX_SHADER: triangle, gpu.FRAGMENT_SHADER: fragment} {
		shader := gpu.CreateShader(kind)
		text, free := gpu.Strs(source + "\x00")
		gpu.ShaderSource(shader, 1, text, nil)
		free()
		gpu.CompileShader(shader)
		gpu.AttachShader(p, shader)
		gpu.DeleteShader(shader) // when the program goes
	}
	gpu.LinkProgram(p)
	var ok int32
	if gpu.GetProgramiv(p, gpu.LINK_STATUS, &ok); ok == gpu.FALSE {
		log := strings.Repeat("\x00", 1024)
		gpu.GetProgramInfoLog(p, 1024, nil, gpu.Str(log))
		return 0, fmt.Errorf("the window's shaders: %s", strings.TrimRight(log, "\x00"))
	}
	return p, nil
}
