package corpus

// films show one picture all along, so that any frame of them is right.
func films() (out []sample) {
	still := func(args string) string { return "ff -loop 1 -framerate 10 -t 2 -i $wheel " + args + " $out" }
	const x264 = "-c:v libx264 -crf 4 -preset veryfast -pix_fmt yuv420p "
	const tone = "-f lavfi -t 2 -i sine "
	for name, c := range map[string]struct{ ext, recipe string }{
		"MP4":              {"mp4", still(x264)},
		"MP4, fast start":  {"mp4", still(x264 + "-movflags +faststart")},
		"MP4 in fragments": {"mp4", still(x264 + "-movflags +frag_keyframe+empty_moov+default_base_moof")},
		"MP4 with sound":   {"mp4", still(tone + x264 + "-c:a aac -shortest")},
		"MP4, H.265": {"mp4",
			still("-c:v libx265 -x265-params log-level=error:crf=4 -preset ultrafast -pix_fmt yuv420p")},
		"MP4, 10 bits": {"mp4", still("-c:v libx264 -crf 4 -preset veryfast -pix_fmt yuv420p10le")},
		"MP4, AV1":     {"mp4", still("-c:v libaom-av1 -crf 12 -cpu-used 8 -pix_fmt yuv420p")},
		"MP4, MPEG-4":  {"mp4", still("-c:v mpeg4 -q:v 2")},
		"MP4, odd sides": {"mp4", "im $wheel -crop 117x71+0+0 +repage w.png; ff -loop 1 -framerate 10 " +
			"-t 2 -i w.png -c:v libx264 -crf 4 -pix_fmt yuv444p $out"},
		"MP4, stretched":  {"mp4", still(x264 + "-vf setsar=4/3")},
		"MP4, one frame":  {"mp4", "ff -i $wheel -frames:v 1 " + x264 + "$out"},
		"MP4, 40 ms":      {"mp4", "ff -loop 1 -framerate 25 -i $wheel -frames:v 1 " + x264 + "$out"},
		"MP4, turned 90":  {"mp4", still(x264) + "; tag -n -Rotation=90"},
		"MP4, turned 180": {"mp4", still(x264) + "; tag -n -Rotation=180"},
		"MP4, turned 270": {"mp4", still(x264) + "; tag -n -Rotation=270"},
		"MP4, BT.709": {"mp4",
			still(x264 + "-vf scale=out_color_matrix=bt709 -colorspace bt709 -color_primaries bt709 -color_trc bt709")},
		"MP4, full range": {"mp4",
			still("-c:v libx264 -crf 4 -preset veryfast -vf scale=out_range=full -pix_fmt yuvj420p")},
		"QuickTime":                   {"mov", still(x264)},
		"QuickTime, turned":           {"mov", still(x264) + "; tag -n -Rotation=90"},
		"ProRes":                      {"mov", still("-c:v prores_ks")},
		"Motion JPEG":                 {"mov", still("-c:v mjpeg -q:v 2")},
		"Matroska":                    {"mkv", still(x264)},
		"Matroska, lossless":          {"mkv", still("-c:v ffv1")},
		"WebM":                        {"webm", still("-c:v libvpx-vp9 -crf 8 -b:v 0 -cpu-used 5")},
		"WebM, transparent":           {"webm", "ff -loop 1 -framerate 10 -t 2 -i $wheel -c:v libvpx -b:v 4M $out"},
		"transport stream":            {"ts", still(x264 + "-f mpegts")},
		"transport stream, MPEG-2":    {"ts", still("-c:v mpeg2video -q:v 1 -r 25 -f mpegts")},
		"transport stream of cameras": {"m2ts", still(x264 + "-f mpegts -mpegts_m2ts_mode 1")},
		"AVI":                         {"avi", still("-c:v mpeg4 -q:v 2")},
		"AVI, Motion JPEG":            {"avi", still("-c:v mjpeg -q:v 2")},
		"MPEG program stream":         {"mpg", still("-c:v mpeg2video -q:v 1 -r 25 -f vob")},
		"Flash":                       {"flv", still(x264)},
		"Windows Media":               {"wmv", still("-c:v wmv2 -q:v 2 -b:v 5M")},
		"3GPP":                        {"3gp", still(x264)},
		"Theora":                      {"ogv", still("-c:v libtheora -q:v 10")},
		"MP4, two pictures a second":  {"mp4", "ff -loop 1 -framerate 2 -t 4 -i $wheel " + x264 + "$out"},
		"MP4, large":                  {"mp4", "ff -loop 1 -framerate 5 -t 1 -i $large " + x264 + "$out"},
	} {
		out = append(out, some("film", name, c.ext, c.recipe, ffmpegFilm))
	}
	return out
}

// sounds are shown as their wave, which no other reader draws in the same way: length, codec and type are compared.
func sounds() (out []sample) {
	tone := func(args string) string { return "ff -f lavfi -i sine=frequency=440:duration=2 " + args + " $out" }
	for name, c := range map[string]struct{ ext, recipe string }{
		"MP3": {"mp3", tone("")}, "MP3 of changing rate": {"mp3", tone("-q:a 4")},
		"MP3 with a cover": {"mp3", "ff -f lavfi -i sine=duration=2 -i $wheel -map 0 -map 1 -c:v mjpeg " +
			"-disposition:v attached_pic $out"},
		"WAV": {"wav", tone("")}, "WAV of 24 bits": {"wav", tone("-c:a pcm_s24le")},
		"WAV, floating point": {"wav", tone("-c:a pcm_f32le")}, "WAV, stereo": {"wav", tone("-ac 2")},
		"WAV, six channels": {"wav", tone("-ac 6")}, "WAV of 30 ms": {"wav", "ff -f lavfi -i sine=duration=0.03 $out"},
		"RF64": {"wav", tone("-rf64 always")}, "WAV, 8 kHz": {"wav", tone("-ar 8000 -c:a pcm_mulaw")},
		"FLAC": {"flac", tone("")}, "FLAC of 24 bits": {"flac", tone("-sample_fmt s32 -ar 96000")},
		"Ogg Vorbis": {"ogg", tone("-c:a libvorbis")}, "Ogg Opus": {"opus", tone("-c:a libopus")},
		"Ogg FLAC": {"ogg", tone("-c:a flac")},
		"M4A":      {"m4a", tone("-c:a aac")}, "M4A, lossless": {"m4a", tone("-c:a alac")},
		"M4A with a cover": {"m4a", "ff -f lavfi -i sine=duration=2 -i $wheel -map 0 -map 1 -c:v mjpeg " +
			"-disposition:v attached_pic $out"},
		"AIFF": {"aiff", tone("")}, "AAC": {"aac", tone("-c:a aac -f adts")},
		"Matroska": {"mka", tone("-c:a libvorbis")},
		"silence":  {"wav", "ff -f lavfi -i anullsrc -t 1 $out"},
	} {
		s := some("sound", name, c.ext, c.recipe, ffmpegSound)
		out = append(out, s)
	}
	for name, ext := range map[string]string{"in MP4": "mp4", "in WebM": "webm"} {
		s := some("sound", name, ext, "ff -f lavfi -i sine=duration=2 $out", ffmpegSound)
		s.media, s.kind = "audio/"+ext, "audio"
		out = append(out, s)
	}
	return out
}
