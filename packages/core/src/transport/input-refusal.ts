/** A kind of input, as a word of its own: not in the name of a model or of another feature. */
const KIND =
  '(?<![\\w/.-])(?:images?(?! generation)|image_urls?|input_image|audio|input_audio|videos?|video_url|pdfs?|attachments?|files?(?! search)|input_file|documents?|vision|multi-?modal(?:ity)?|(?:input )?modalit(?:y|ies))(?![\\w/-])';

const NOT = "(?:\\bnot|n['’]t|\\bcannot|\\bnever)";
const ACCEPT = '(?:support|accept|allow|permit|handle|understand|enable|have)\\w*';

/**
 * How servers refuse an input of a kind that the model does not have, with any status:
 *
 * - OpenRouter 404: `No endpoints found that support image input`. https://openrouter.ai/docs/features/multimodal/overview
 * - llama.cpp 500: `image input is not supported - hint: … you may need to provide the mmproj`.
 *   https://github.com/ggml-org/llama.cpp/blob/master/docs/multimodal.md
 * - Ollama 500: `this model is missing data required for image input`. https://docs.ollama.com/capabilities/vision
 * - vLLM 400: `At most 0 image(s) may be provided in one prompt.`, `… is not a multimodal model`.
 *   https://docs.vllm.ai/en/latest/features/multimodal_inputs.html
 * - DeepSeek 400: ``unknown variant `image_url`, expected `text` ``.
 * - Ollama 500: `failed to process inputs: image: unknown format`.
 */
const FORMS: readonly RegExp[] = [
  `(?:${NOT} (?:currently |yet )?|\\bno \\w+ (?:found )?(?:that |which )?)${ACCEPT}(?: [\\w-]+){0,3}? ['"\`]?${KIND}`,
  `${KIND}['"\`]?(?: [\\w()-]+){0,4}? (?:(?:is|are|was|were)|input)(?: currently)?(?: not|n['’]t| only)(?: currently| yet)? (?:supported|accepted|allowed|permitted|enabled|implemented)\\b`,
  `\\b(?:unsupported|unknown|invalid) (?:input |content |media |variant |message |part |type |modality )*(?:type)?:? ?['"\`]${KIND}`,
  `\\bunsupported (?:input |content )?${KIND}`,
  `${KIND}['"\`]?:? unknown format\\b`,
  `\\bunsupported (?:mime|media|file)[ _-]?type\\b`,
  `\\bno ${KIND} support\\b`,
  `\\btag ['"\`]${KIND}['"\`] found\\b`,
  `\\bmissing data required for ${KIND}`,
  `\\bat most 0 ${KIND}`,
  `\\bnot a (?:multi-?modal|vision)(?: language)? model\\b`,
  `\\b(?:model|endpoint) (?:only )?(?:supports|accepts|takes) (?:only )?text\\b(?![- ]to)|\\bonly (?:supports|accepts) text\\b|\\b(?:is|are) (?:a )?text[- ]only\\b`,
].map((form) => new RegExp(form, 'i'));

/** As much of a message as is read, in characters. */
const READ_LENGTH = 2000;

/** Whether a message refuses a kind of input: images, audio, video, files. */
export function refusesInput(message: string): boolean {
  const start = message.slice(0, READ_LENGTH);
  return FORMS.some((form) => form.test(start));
}
