// The short names of the emoji that people and bots use most; any other stays as it was typed.

const NAMES = `rotating_light 🚨|warning ⚠️|bell 🔔|no_bell 🔕|mute 🔇|fire 🔥|red_circle 🔴|large_orange_circle 🟠|orange_circle 🟠|
large_yellow_circle 🟡|yellow_circle 🟡|large_green_circle 🟢|green_circle 🟢|large_blue_circle 🔵|blue_circle 🔵|white_circle ⚪|
black_circle ⚫|large_red_square 🟥|large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔|no_entry_sign 🚫|
question ❓|exclamation ❗|bangbang ‼️|information_source ℹ️|eyes 👀|eye 👁️|+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|
raised_hands 🙌|pray 🙏|clap 👏|muscle 💪|point_right 👉|point_up ☝️|hand ✋|raised_hand ✋|tada 🎉|sparkles ✨|star ⭐|star2 🌟|zap ⚡|boom 💥|
rocket 🚀|hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|alarm_clock ⏰|clock1 🕐|clock3 🕒|clock9 🕘|calendar 📅|date 📅|
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|newspaper 📰|mega 📣|loudspeaker 📢|satellite 📡|satellite_antenna 📡|
memo 📝|pencil 📝|pencil2 ✏️|page_facing_up 📄|clipboard 📋|pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|mag 🔍|mag_right 🔎|
lock 🔒|unlock 🔓|key 🔑|shield 🛡️|gear ⚙️|wrench 🔧|hammer 🔨|bulb 💡|books 📚|book 📖|bookmark 🔖|label 🏷️|email 📧|envelope ✉️|
incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|phone ☎️|telephone_receiver 📞|iphone 📱|computer 💻|speech_balloon 💬|thought_balloon 💭|
busts_in_silhouette 👥|bust_in_silhouette 👤|office 🏢|hospital 🏥|scales ⚖️|balance_scale ⚖️|factory 🏭|house 🏠|ambulance 🚑|
police_car 🚓|fire_engine 🚒|airplane ✈️|car 🚗|earth_africa 🌍|earth_asia 🌏|globe_with_meridians 🌐|cloud ☁️|sunny ☀️|umbrella ☔|ocean 🌊|
snowflake ❄️|zzz 💤|sleeping 😴|smile 😄|grinning 😀|slightly_smiling_face 🙂|neutral_face 😐|slightly_frowning_face 🙁|white_frowning_face ☹️|
worried 😟|angry 😠|rage 😡|cry 😢|sob 😭|scream 😱|thinking_face 🤔|sweat_smile 😅|joy 😂|heart ❤️|broken_heart 💔|100 💯|
arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_upper_right ↗️|arrow_lower_right ↘️|small_red_triangle 🔺|small_red_triangle_down 🔻|
repeat 🔁|arrows_counterclockwise 🔄|leftwards_arrow_with_hook ↩️|heavy_plus_sign ➕|heavy_minus_sign ➖|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|
ghost 👻|robot_face 🤖|skull 💀|syringe 💉|pill 💊|biohazard_sign ☣️|radioactive_sign ☢️|card_index_dividers 🗂️|file_folder 📁|scroll 📜|
moneybag 💰|chains ⛓️|triangular_flag_on_post 🚩|checkered_flag 🏁|black_flag 🏴|white_flag 🏳️|cn 🇨🇳|us 🇺🇸|gb 🇬🇧`;

const TABLE = new Map(NAMES.replaceAll("\n", "").split("|").map((row) => row.trim().split(" ")));

export const emoji = (name) => TABLE.get(name);
